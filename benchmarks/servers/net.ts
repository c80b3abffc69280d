import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import { control } from './control.ts'

// The floor: it answers the opening handshake by hand and then sends back whatever bytes arrive, unread.
const server = createServer()

server.on('upgrade', (request, stream) => {
  const accept = createHash('sha1')
    .update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
    .digest('base64')
  stream.write(
    'HTTP/1.1 101 Switching Protocols\r\n' +
      'Upgrade: websocket\r\n' +
      'Connection: Upgrade\r\n' +
      `Sec-WebSocket-Accept: ${accept}\r\n\r\n`,
  )
  stream.on('data', (bytes) => stream.write(bytes))
  stream.on('end', () => stream.end())
  stream.on('error', () => stream.destroy())
})

control(server.listen(0, '127.0.0.1'))
