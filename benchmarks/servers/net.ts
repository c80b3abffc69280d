import { control } from './control.ts'
import { handshakeServer } from './net-handshake.ts'

// The floor: it sends back whatever bytes arrive, unread.
const server = handshakeServer((stream) => {
  stream.on('data', (bytes) => stream.write(bytes))
})

control(server.listen(0, '127.0.0.1'))
