import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { watchEachTest } from '@upwire/testkit'
import Fastify, { type FastifyInstance, type FastifyPluginAsync } from 'fastify'
import { describe, expect, it } from 'vitest'
import { createWebSocketStream, WebSocket as WsClient } from 'ws'
import fastifyWebsocket from '../src/index.ts'
import { closing } from './harness.ts'

/** The programs that users of @fastify/websocket know from its README, with the clients they know: those of `ws`. */

watchEachTest()

async function listen(
  app: FastifyInstance,
): Promise<(path: string, headers?: Record<string, string>) => WsClient> {
  await app.listen({ port: 0 })
  const { port } = app.server.address() as AddressInfo
  return (path, headers = {}) => new WsClient(`ws://localhost:${port}${path}`, { headers })
}

/** The first message of a client; it sends one itself when it is open. */
async function ask(client: WsClient, text = 'hi from client'): Promise<string> {
  client.once('open', () => client.send(text))
  const [data] = await once(client, 'message')
  client.close()
  return String(data)
}

describe('a program for @fastify/websocket', () => {
  it('serves a route, and a wildcard for the rest', async () => {
    const app = closing(Fastify())
    app.register(fastifyWebsocket, { options: { maxPayload: 1048576 } })
    const routes: FastifyPluginAsync = async (context) => {
      context.get('/*', { websocket: true }, (socket) => {
        socket.on('message', () => socket.send('hi from wildcard route'))
      })
      context.get('/', { websocket: true }, (socket) => {
        socket.on('message', (message) => socket.send(`hi from server, ${message}`))
      })
    }
    app.register(routes)
    const open = await listen(app)
    expect(await ask(open('/'))).toBe('hi from server, hi from client')
    expect(await ask(open('/any/where'))).toBe('hi from wildcard route')
  })

  it('may wait for a session inside its message listener', async () => {
    const app = closing(Fastify())
    await app.register(fastifyWebsocket)
    app.decorateRequest('getSession', async () => ({ user: 'ann' }))
    app.get('/*', { websocket: true }, (socket, request) => {
      const sessionPromise = Reflect.get(request, 'getSession')()
      socket.on('message', async (message) => {
        const session = await sessionPromise
        socket.send(`${session.user}: ${message}`)
      })
    })
    expect(await ask((await listen(app))('/'))).toBe('ann: hi from client')
  })

  it('authenticates in a hook', async () => {
    const app = closing(Fastify())
    await app.register(fastifyWebsocket)
    app.addHook('preValidation', async (request, reply) => {
      if (request.headers['api-key'] !== 'k') await reply.code(401).send('not authenticated')
    })
    app.get('/', { websocket: true }, (socket) => {
      socket.on('message', () => socket.send('hi from server'))
    })
    const open = await listen(app)
    expect(await ask(open('/', { 'api-key': 'k' }))).toBe('hi from server')
    const [, response] = await once(open('/'), 'unexpected-response')
    expect(response.statusCode).toBe(401)
    response.socket.destroy()
  })

  it('serves HTTP and WebSockets on one route', async () => {
    const app = closing(Fastify())
    app.register(fastifyWebsocket)
    const routes: FastifyPluginAsync = async (context) => {
      context.route({
        method: 'GET',
        url: '/hello',
        handler: (_request, reply) => {
          reply.send({ hello: 'world' })
        },
        wsHandler: (socket) => {
          socket.send('hello client')
          socket.once('message', () => socket.close())
        },
      })
    }
    app.register(routes)
    const client = (await listen(app))('/hello')
    expect(String((await once(client, 'message'))[0])).toBe('hello client')
    client.send('bye')
    await once(client, 'close')
    expect((await app.inject('/hello')).json()).toEqual({ hello: 'world' })
  })

  it('verifies clients, and terminates in its errorHandler', async () => {
    const app = closing(Fastify())
    const errors: string[] = []
    await app.register(fastifyWebsocket, {
      errorHandler(error, socket, request, reply) {
        errors.push(`${error.message} ${request.ws} ${reply.sent}`)
        socket.terminate()
      },
      options: {
        maxPayload: 1048576,
        verifyClient(info, next) {
          if (info.req.headers['x-fastify-header'] !== 'fastify is awesome !') return next(false)
          next(true)
        },
      },
    })
    app.get('/', { websocket: true }, (socket) => {
      socket.on('message', () => socket.send('hi from server'))
    })
    app.get('/fails', { websocket: true }, () => {
      throw new Error('failed')
    })
    const open = await listen(app)
    const headers = { 'x-fastify-header': 'fastify is awesome !' }
    expect(await ask(open('/', headers))).toBe('hi from server')
    const [error] = await once(open('/'), 'error')
    expect(error.message).toBe('Unexpected server response: 401')
    const [code] = await once(open('/fails', headers), 'close')
    expect({ code, errors }).toEqual({ code: 1006, errors: ['failed true true'] })
  })

  it('makes a stream of its socket', async () => {
    const app = closing(Fastify())
    await app.register(fastifyWebsocket)
    app.get('/', { websocket: true }, (socket) => {
      const stream = createWebSocketStream(socket)
      stream.setEncoding('utf8')
      stream.write('hello client')
      stream.on('data', (data) => stream.end(`echo ${data}`))
    })
    const client = (await listen(app))('/')
    const received: string[] = []
    client.on('message', (data) => received.push(String(data)))
    client.on('open', () => client.send('hi'))
    await once(client, 'close')
    expect(received).toEqual(['hello client', 'echo hi'])
  })

  it('is tested by injectWS, without a port', async () => {
    const app = closing(Fastify())
    app.register(fastifyWebsocket)
    const routes: FastifyPluginAsync = async (context) => {
      context.addHook('preValidation', async (request, reply) => {
        if (request.headers['api-key'] !== 'some-random-key') return reply.code(401).send()
      })
      context.get('/', { websocket: true }, (socket) => {
        socket.on('message', () => socket.send('hi from server'))
      })
    }
    app.register(routes)
    await app.ready()
    const ws = await app.injectWS('/', { headers: { 'api-key': 'some-random-key' } })
    const message = new Promise((resolve) => ws.on('message', (data) => resolve(data.toString())))
    ws.send('hi from client')
    expect(await message).toBe('hi from server')
    ws.terminate()
    await expect(app.injectWS('/')).rejects.toThrow('Unexpected server response: 401')
  })
})
