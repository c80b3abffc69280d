import { createServer } from 'node:http'
import request from 'superwstest'
import WebSocket from 'ws'
import { assertOurs, listen, report } from './proof.mjs'

const http = createServer()
const server = new WebSocket.Server({ server: http, path: '/echo' })
server.on('connection', (socket) => {
  socket.on('message', (message, isBinary) => socket.send(isBinary ? message : `echo ${message}`))
  socket.send('hello')
})
await listen(http)

const sockets = [server]
await request(http)
  .ws('/echo')
  .exec((socket) => sockets.push(socket, ...server.clients))
  .expectText('hello')
  .sendText('foo')
  .expectText('echo foo')
  .sendJson({ a: 1 })
  .expectText('echo {"a":1}')
  .sendBinary([1, 2])
  .expectBinary([1, 2])
  .close(1000, 'bye')
  .expectClosed(1000, 'bye')
await request(http).ws('/elsewhere').expectConnectionError(400)
assertOurs(...sockets)
report(['closed', 'refused'])
