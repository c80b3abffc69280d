import { createServer } from 'node:http'
import { WebSocketServer } from 'ws'
import { control } from './control.ts'

const server = createServer()
const webSockets = new WebSocketServer({ server })

webSockets.on('connection', (socket) => {
  socket.on('message', (message) => {
    const { event, data } = JSON.parse(String(message))
    if (event === 'echo') socket.send(JSON.stringify({ event, data }))
  })
})

control(server.listen(0, '127.0.0.1'))
