import { createServer } from 'node:http'
import { WebSocketServer } from 'ws'
import { serve } from './driver.ts'

const server = createServer()
const webSockets = new WebSocketServer({ server, perMessageDeflate: true, maxPayload: 0 })

webSockets.on('connection', (socket) => {
  socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }))
  // The connection that an error is about is closed already, as it should be.
  socket.on('error', () => {})
})

await serve(server)
