import type { AddressInfo } from 'node:net'
import Fastify from 'fastify'
import { upwire } from '../../src/index.ts'

/** Serves until it is told to close; then says how long that took, in milliseconds. */
const app = Fastify()
await app.register(upwire)
app.get('/', { websocket: true }, () => {})
await app.listen({ port: 0, host: '127.0.0.1' })
process.send?.((app.server.address() as AddressInfo).port)
process.once('message', async () => {
  const begin = performance.now()
  await app.close()
  process.send?.(performance.now() - begin)
  process.disconnect()
})
