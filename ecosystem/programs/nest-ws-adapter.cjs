require('reflect-metadata')
const { Module } = require('@nestjs/common')
const { NestFactory } = require('@nestjs/core')
const { WsAdapter } = require('@nestjs/platform-ws')
const { ConnectedSocket, MessageBody, SubscribeMessage, WebSocketGateway } = require('@nestjs/websockets')
const { of } = require('rxjs')
const WebSocket = require('ws')

/** What TypeScript makes of `@SubscribeMessage(event) name(@MessageBody() data, @ConnectedSocket() socket)`. */
function subscribe(gateway, event, name) {
  const descriptor = Object.getOwnPropertyDescriptor(gateway.prototype, name)
  MessageBody()(gateway.prototype, name, 0)
  ConnectedSocket()(gateway.prototype, name, 1)
  SubscribeMessage(event)(gateway.prototype, name, descriptor)
}

const sockets = []

class Gateway {
  handleConnection(socket) {
    sockets.push(socket)
  }
  greet(name) {
    return { event: 'greeting', data: `Hello, ${name}` }
  }
  count(most) {
    return of(...Array.from({ length: most }, (_, index) => ({ event: 'count', data: index + 1 })))
  }
}
subscribe(Gateway, 'greet', 'greet')
subscribe(Gateway, 'count', 'count')
WebSocketGateway({ path: '/gateway' })(Gateway)

class App {}
Module({ providers: [Gateway] })(App)

async function run() {
  const { assertOurs, report } = await import('./proof.mjs')
  const app = await NestFactory.create(App, { logger: false })
  app.useWebSocketAdapter(new WsAdapter(app))
  await app.listen(0, '127.0.0.1')
  const client = new WebSocket(`ws://127.0.0.1:${app.getHttpServer().address().port}/gateway`)
  const heard = []
  const all = new Promise((resolve) => {
    client.on('message', (message) => heard.push(JSON.parse(message).data) === 3 && resolve())
  })
  await new Promise((resolve) => client.once('open', resolve))
  client.send(JSON.stringify({ event: 'greet', data: 'Ada' }))
  client.send(JSON.stringify({ event: 'count', data: 2 }))
  await all
  assertOurs(client, ...sockets)
  const closed = new Promise((resolve) => client.once('close', resolve))
  await app.close()
  report([heard, await closed])
}

void run()
