import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { WebSocket } from '@upwire/core'
import { watchEachTest } from '@upwire/testkit'
import Fastify, { type FastifyInstance } from 'fastify'
import { describe, expect, it } from 'vitest'
import { upwire } from '../src/index.ts'
import {
  acceptance,
  closeOf,
  closing,
  connect,
  createApp,
  createLoggingApp,
  nest,
  refused,
} from './harness.ts'

watchEachTest()

describe('the plugin', () => {
  it('serves a route of a listening server, on every address of localhost', async () => {
    const app = await createApp()
    app.get('/', { websocket: true }, (socket) => socket.send('hi'))
    await app.listen({ port: 0 })
    const { port } = app.server.address() as AddressInfo
    for (const { address, family } of app.addresses() as AddressInfo[]) {
      const host = family === 'IPv6' ? `[${address}]` : address
      const socket = new WebSocket(`ws://${host}:${port}/`)
      const [message] = await once(socket, 'message')
      expect(String(message)).toBe('hi')
      socket.close()
    }
  })

  it('runs the hooks in their order before the 101, and onResponse behind it', async () => {
    const app = await createApp()
    const seen: string[] = []
    app.addHook('onRequest', async (request) => void seen.push(`onRequest ${request.ws}`))
    app.addHook('preParsing', async () => void seen.push('preParsing'))
    app.addHook('preValidation', async () => void seen.push('preValidation'))
    app.addHook('preHandler', async () => void seen.push('preHandler'))
    app.addHook('onResponse', async (_request, reply) => void seen.push(`onResponse ${reply.statusCode}`))
    app.get('/', { websocket: true }, (socket) => {
      seen.push('handler')
      socket.send('hi')
    })
    const socket = await connect(app)
    await socket.next()
    expect(seen).toEqual([
      'onRequest true',
      'preParsing',
      'preValidation',
      'preHandler',
      'handler',
      'onResponse 101',
    ])
  })

  it('says of other requests that they are none', async () => {
    const app = await createApp()
    app.get('/', async (request) => ({ ws: request.ws }))
    expect((await app.inject('/')).json()).toEqual({ ws: false })
  })

  it('sends the headers that hooks set with the 101', async () => {
    const app = await createApp()
    app.addHook('onRequest', async (_request, reply) => void reply.header('X-Trace', '7'))
    app.addHook('preHandler', async (_request, reply) => void reply.header('Set-Cookie', ['a=1', 'b=2']))
    app.get('/', { websocket: true }, () => {})
    const { headers } = await acceptance(app)
    expect(headers).toMatchObject({ 'x-trace': '7', 'set-cookie': ['a=1', 'b=2'] })
  })

  it('lets a hook refuse with a reply of its own', async () => {
    const app = await createApp()
    app.addHook('preValidation', async (_request, reply) =>
      reply.code(401).header('WWW-Authenticate', 'Bearer').send({ error: 'sign in' }),
    )
    app.get('/', { websocket: true }, () => {
      throw new Error('not to be reached')
    })
    const response = await refused(app)
    expect(response.statusCode).toBe(401)
    expect(response.headers).toMatchObject({
      'www-authenticate': 'Bearer',
      'content-type': expect.stringContaining('json'),
    })
    expect(response.json()).toEqual({ error: 'sign in' })
  })

  it('answers a handshake for a route that only has HTTP with 404, without running it', async () => {
    const app = await createApp()
    app.get('/http', async () => {
      throw new Error('not to be reached')
    })
    app.get('/*', { websocket: true }, (socket) => socket.send('any'))
    expect(await refused(app, '/http')).toMatchObject({ statusCode: 404 })
    expect(await (await connect(app, '/else')).next()).toBe('any')
  })

  it('answers what is no route with the 404 of the application', async () => {
    const app = await createApp()
    app.setNotFoundHandler(async (_request, reply) => reply.code(404).send({ nothing: 'here' }))
    app.get('/', { websocket: true }, () => {})
    expect((await refused(app, '/nowhere')).json()).toEqual({ nothing: 'here' })
  })

  it('logs one request, and one line when the connection has closed', async () => {
    const { app, lines } = await createLoggingApp()
    app.get('/', { websocket: true }, (socket, request) => {
      request.log.info('in the handler')
      socket.on('message', () => socket.close(4000))
    })
    const socket = await connect(app)
    socket.send('one')
    await closeOf(socket)
    await app.close()
    const ofRequest = lines.filter(({ reqId }) => reqId === 'req-1')
    expect(ofRequest.map(({ msg }) => msg)).toEqual([
      'incoming request',
      'in the handler',
      'request completed',
      'websocket closed',
    ])
    expect(ofRequest[2]).toMatchObject({ res: { statusCode: 101 } })
    expect(ofRequest[3]).toMatchObject({ code: 4000, messages: 1, duration: expect.any(Number) })
  })

  it('gives a context inside another defaults of its own, and the same connections', async () => {
    const app = await createApp({ maxPayload: 10 })
    app.get('/outer', { websocket: true }, (socket) =>
      socket.on('message', (data) => socket.send(String(data))),
    )
    await nest(app, async (inner) => {
      await inner.register(upwire, { maxPayload: 100 })
      inner.get('/inner', { websocket: true }, (socket) =>
        socket.on('message', (data) => socket.send(String(data))),
      )
      expect(inner.websocketServer).toBe(app.websocketServer)
    })
    const [outer, inner] = [await connect(app, '/outer'), await connect(app, '/inner')]
    inner.send('x'.repeat(50))
    expect(await inner.next()).toBe('x'.repeat(50))
    outer.send('x'.repeat(50))
    expect(await closeOf(outer)).toBe('1009')
    expect(app.websocketServer.clients.size).toBe(1)
  })

  it('is registered in contexts that know nothing of each other', async () => {
    const app = closing(Fastify())
    const contexts: FastifyInstance[] = []
    for (const name of ['a', 'b']) {
      await nest(app, async (context) => {
        contexts.push(context)
        await context.register(upwire)
        context.get(`/${name}`, { websocket: true }, (socket) => {
          socket.send(`${name} ${context.websocketServer.clients.size}`)
        })
      })
    }
    await app.ready()
    for (const [index, name] of ['a', 'b'].entries()) {
      const socket = await connect(contexts[index], `/${name}`)
      expect(await socket.next()).toBe(`${name} 1`)
    }
  })

  it.each([
    [{ maxPaylod: 1 }, /no option maxPaylod/],
    [{ maxPayload: -1 }, /Option maxPayload must be/],
    [{ options: { noServer: true } }, /Option options.noServer is for a server of its own/],
    [{ options: { maxPaylod: 1 } }, /no option options.maxPaylod; did you mean maxPayload/],
    [{ errorHandler: {} }, /^invalid errorHandler function$/],
    [{ preClose: 'no' }, /^invalid preClose function$/],
    [{ shutdown: { code: 1005 } }, /.*/],
  ])('refuses %j where it is registered', async (options, message) => {
    const app = closing(Fastify())
    app.register(upwire, options as object)
    await expect(app.ready()).rejects.toThrow(message)
  })

  it('refuses inside another what is for all connections', async () => {
    const app = await createApp()
    await expect(app.register(upwire, { preClose: async () => {} })).rejects.toThrow(
      /preClose is for all connections/,
    )
  })

  it('leaves nothing at a server that is not Fastify’s own', async () => {
    const { createServer } = await import('node:http')
    const server = createServer()
    const app = Fastify()
    await app.register(upwire, { server })
    expect(server.listenerCount('upgrade')).toBe(1)
    await app.close()
    expect(server.listenerCount('upgrade')).toBe(0)
  })
})
