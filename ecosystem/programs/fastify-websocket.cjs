const websocket = require('@fastify/websocket')
const fastify = require('fastify')
const WebSocket = require('ws')

async function run() {
  const { assertOurs, report } = await import('./proof.mjs')
  const app = fastify()
  await app.register(websocket)
  app.addHook('preValidation', async (request, reply) => {
    if (request.url.includes('locked')) await reply.code(401).send()
  })
  app.get('/echo/:room', { websocket: true }, (socket, request) => {
    socket.on('message', (message) => socket.send(`${request.params.room}: ${message}`))
  })
  const address = (await app.listen({ port: 0, host: '127.0.0.1' })).replace('http', 'ws')

  const client = new WebSocket(`${address}/echo/kitchen`)
  await new Promise((resolve) => client.once('open', resolve))
  client.send('hello')
  const echo = await new Promise((resolve) => client.once('message', (data) => resolve(String(data))))
  assertOurs(client, app.websocketServer, ...app.websocketServer.clients)
  const refused = new WebSocket(`${address}/echo/locked`)
  const { message } = await new Promise((resolve) => refused.once('error', resolve))
  const closed = new Promise((resolve) => client.once('close', resolve))
  await app.close()
  report([echo, message, await closed])
}

void run()
