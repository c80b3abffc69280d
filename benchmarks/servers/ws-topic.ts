import { createServer } from 'node:http'
import { WebSocket, WebSocketServer } from 'ws'
import { control } from './control.ts'
import { perMessageDeflate } from './per-message-deflate.ts'

// Each message goes to everybody else.
const server = createServer()
const webSockets = new WebSocketServer({ server, perMessageDeflate })

webSockets.on('connection', (socket) => {
  socket.on('message', (data, isBinary) => {
    for (const client of webSockets.clients) {
      if (client !== socket && client.readyState === WebSocket.OPEN) client.send(data, { binary: isBinary })
    }
  })
})

control(server.listen(0, '127.0.0.1'))
