import { upwire } from '@upwire/fastify'
import fastify from 'fastify'
import { control } from './control.ts'

const app = fastify()

await app.register(upwire)
app.ws('/', {
  message(socket, data) {
    socket.send(data)
  },
})
await app.listen({ port: 0, host: '127.0.0.1' })

control(app.server)
