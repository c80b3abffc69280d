import { once } from 'node:events'
import { createTRPCClient, createWSClient, wsLink } from '@trpc/client'
import { initTRPC } from '@trpc/server'
import { applyWSSHandler } from '@trpc/server/adapters/ws'
import { WebSocket, WebSocketServer } from 'ws'
import { assertOurs, report } from './proof.mjs'

const t = initTRPC.create()
const router = t.router({
  greet: t.procedure.query(() => 'hello'),
  add: t.procedure.input((value) => value).mutation(({ input: [a, b] }) => a + b),
  countTo: t.procedure
    .input((value) => value)
    .subscription(async function* ({ input }) {
      for (let count = 1; count <= input; count++) yield count
    }),
})

const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
await once(server, 'listening')
applyWSSHandler({ wss: server, router })
const wsClient = createWSClient({ url: `ws://127.0.0.1:${server.address().port}`, WebSocket })
const client = createTRPCClient({ links: [wsLink({ client: wsClient })] })

const seen = [await client.greet.query(), await client.add.mutate([1, 2])]
const counted = []
await new Promise((onComplete, onError) => {
  client.countTo.subscribe(3, { onData: (count) => counted.push(count), onComplete, onError })
})
assertOurs(server, ...server.clients, wsClient.connection.ws)
const closed = once([...server.clients][0], 'close')
await wsClient.close()
await closed
report([...seen, counted, server.clients.size])
