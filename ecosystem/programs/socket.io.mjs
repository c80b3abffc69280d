import { once } from 'node:events'
import { createServer } from 'node:http'
import { Server } from 'socket.io'
import { io } from 'socket.io-client'
import { WebSocketServer } from 'ws'
import { assertOurs, listen, report } from './proof.mjs'

const http = createServer()
const server = new Server(http, { wsEngine: WebSocketServer, perMessageDeflate: { threshold: 0 } })
const connections = []
server.on('connection', (socket) => {
  connections.push(socket.conn)
  socket.join('all')
  socket.on('echo', (data, acknowledge) => acknowledge(data))
  socket.on('say', (text) => server.to('all').emit('said', text))
})
const address = await listen(http)

/** One that begins with the WebSocket, and one that comes to it from long polling. */
const clients = [['websocket'], ['polling', 'websocket']].map((transports) =>
  io(`http://${address}`, { transports }),
)
await Promise.all(clients.map((client) => new Promise((resolve) => client.once('connect', resolve))))
const { engine } = clients[1].io
if (engine.transport.name !== 'websocket') await new Promise((resolve) => engine.once('upgrade', resolve))
const seen = [await clients[0].emitWithAck('echo', ['text', Buffer.from('bytes')])]
const heard = clients.map((client) => new Promise((resolve) => client.once('said', resolve)))
clients[1].emit('say', 'hello')
seen.push(await Promise.all(heard))
assertOurs(...clients.map(({ io }) => io.engine.transport.ws))
assertOurs(...connections.map(({ transport }) => transport.socket))
const left = once(connections[0], 'close')
clients[0].disconnect()
seen.push((await left)[0])
report(seen)
