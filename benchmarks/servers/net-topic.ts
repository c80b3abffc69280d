import type { Duplex } from 'node:stream'
import { control } from './control.ts'
import { handshakeServer } from './net-handshake.ts'

// The floor: whatever bytes arrive go to everybody else, unread.
const streams = new Set<Duplex>()

const server = handshakeServer((stream) => {
  streams.add(stream)
  stream.on('close', () => streams.delete(stream))
  stream.on('data', (bytes) => {
    for (const other of streams) if (other !== stream) other.write(bytes)
  })
})

control(server.listen(0, '127.0.0.1'))
