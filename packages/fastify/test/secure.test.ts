import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { WebSocket } from '@upwire/core'
import Fastify, { type FastifyInstance } from 'fastify'
import { describe, expect, it } from 'vitest'
import { upwire } from '../src/index.ts'
import { closing, connect } from './harness.ts'

const fixture = (name: string) => readFileSync(new URL(`../../testkit/fixtures/${name}`, import.meta.url))
const TLS = { cert: fixture('localhost.crt'), key: fixture('localhost.key') }

async function say(app: FastifyInstance): Promise<string> {
  app.get('/', { websocket: true }, (socket, request) => socket.send(request.protocol))
  await app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = app.server.address() as AddressInfo
  const socket = new WebSocket(`wss://127.0.0.1:${port}/`, { ca: TLS.cert, servername: 'localhost' })
  const [message] = await once(socket, 'message')
  socket.close()
  await once(socket, 'close')
  return String(message)
}

describe('over TLS', () => {
  it('serves an https server', async () => {
    const app = closing(Fastify({ https: TLS } as object))
    await app.register(upwire)
    expect(await say(app)).toBe('https')
    expect(await (await connect(app)).next()).toBe('https')
  })

  it('serves clients of HTTP/1.1 beside HTTP/2, where allowHTTP1 lets them in', async () => {
    const app = closing(
      Fastify({ http2: true, https: { ...TLS, allowHTTP1: true } }) as unknown as FastifyInstance,
    )
    await app.register(upwire)
    expect(await say(app)).toBe('https')
  })

  it.each([
    ['with TLS', { http2: true, https: TLS }],
    ['without', { http2: true }],
  ])('says that HTTP/2 %s has no WebSockets', async (_how, options) => {
    const app = closing(Fastify(options as object))
    app.register(upwire)
    await expect(app.ready()).rejects.toThrow(
      'WebSockets need HTTP/1.1, and this server only speaks HTTP/2: create it with TLS and allowHTTP1: true',
    )
  })
})
