import { createServer } from 'node:http'
import { GraphQLObjectType, GraphQLSchema, GraphQLString } from 'graphql'
import { createClient } from 'graphql-ws'
import { useServer } from 'graphql-ws/use/ws'
import { WebSocket, WebSocketServer } from 'ws'
import { assertOurs, listen, report } from './proof.mjs'

const schema = new GraphQLSchema({
  query: new GraphQLObjectType({
    name: 'Query',
    fields: { hello: { type: GraphQLString, resolve: () => 'world' } },
  }),
  subscription: new GraphQLObjectType({
    name: 'Subscription',
    fields: {
      greetings: {
        type: GraphQLString,
        async *subscribe() {
          for (const greetings of ['Hi', 'Bonjour', 'Hola']) yield { greetings }
        },
      },
    },
  }),
})

const http = createServer()
const server = new WebSocketServer({ server: http, path: '/graphql' })
const sockets = [server]
server.on('connection', (socket) => sockets.push(socket))
const stop = useServer({ schema }, server)
const address = await listen(http)

const client = createClient({
  url: `ws://${address}/graphql`,
  webSocketImpl: WebSocket,
  on: { opened: (socket) => sockets.push(socket) },
})
const seen = []
for (const query of ['{ hello }', 'subscription { greetings }']) {
  for await (const { data } of client.iterate({ query })) seen.push(data)
}
const refused = client.iterate({ query: '{ nothing }' }).next()
seen.push(await refused.catch(([{ message }]) => message))
seen.push(sockets[1].protocol)
const closed = new Promise((resolve) => client.on('closed', ({ code }) => resolve(code)))
await stop.dispose()
seen.push(await closed)
assertOurs(...sockets)
report(seen)
