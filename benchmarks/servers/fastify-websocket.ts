import { createRequire } from 'node:module'
import fastify from 'fastify'
import { control } from './control.ts'

// Its types and those of @upwire/fastify both extend Fastify's, and have no place in one program.
const websocket = createRequire(import.meta.url)('@fastify/websocket')
const app = fastify()

await app.register(websocket)
app.get('/', { websocket: true }, (socket) => {
  socket.on('message', (data, isBinary) => socket.send(data as Buffer, { binary: isBinary }))
})
await app.listen({ port: 0, host: '127.0.0.1' })

control(app.server)
