import { createServer } from 'node:http'
import { WebSocketServer } from 'ws'
import { control } from './control.ts'
import { perMessageDeflate } from './per-message-deflate.ts'

const server = createServer()
const webSockets = new WebSocketServer({ server, perMessageDeflate })

webSockets.on('connection', (socket) => {
  socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }))
})

control(server.listen(0, '127.0.0.1'))
