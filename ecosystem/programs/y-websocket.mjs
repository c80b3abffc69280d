import { createServer } from 'node:http'
import { setupWSConnection } from '@y/websocket-server/utils'
import WebSocket from 'ws'
import { WebsocketProvider } from 'y-websocket'
import * as Y from 'yjs'
import { assertOurs, listen, report } from './proof.mjs'

// As in server.js of @y/websocket-server, whose port is not to be chosen here.
const server = new WebSocket.Server({ noServer: true })
const http = createServer()
server.on('connection', setupWSConnection)
http.on('upgrade', (request, stream, head) => {
  server.handleUpgrade(request, stream, head, (socket) => server.emit('connection', socket, request))
})
const address = await listen(http)

const open = async () => {
  const doc = new Y.Doc()
  const options = { WebSocketPolyfill: WebSocket, disableBc: true }
  const provider = new WebsocketProvider(`ws://${address}`, 'room', doc, options)
  await new Promise((resolve) => provider.once('sync', resolve))
  return { doc, provider }
}
const first = await open()
first.doc.getText('page').insert(0, 'written before ')
const second = await open()
const changed = Promise.all([
  new Promise((resolve) => second.doc.once('update', resolve)),
  new Promise((resolve) => second.provider.awareness.once('change', resolve)),
])
first.doc.getText('page').insert(0, 'Both read what was ')
first.provider.awareness.setLocalStateField('user', 'Ada')
await changed
const text = second.doc.getText('page').toString()
const users = [...second.provider.awareness.getStates().values()].map(({ user }) => user).filter(Boolean)
assertOurs(server, ...server.clients, first.provider.ws, second.provider.ws)
report([text, users, server.clients.size])
