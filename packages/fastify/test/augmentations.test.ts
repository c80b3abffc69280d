import type { IncomingMessage } from 'node:http'
import type { JsonSchemaToTsProvider } from '@fastify/type-provider-json-schema-to-ts'
import { type TypeBoxTypeProvider, TypeBoxValidatorCompiler } from '@fastify/type-provider-typebox'
import Fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify'
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod'
import { Type } from 'typebox'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { z } from 'zod'
import fastifyWebsocket, {
  fastifyWebsocket as named,
  type RouteOptions,
  upwire,
  type WebSocket,
  type WebSocketServer,
  type WebsocketHandler,
  type WebsocketPluginOptions,
} from '../src/index.ts'
import { closing, connect, createApp } from './harness.ts'

interface Explicit {
  Params: { room: string }
  Querystring: { page: number }
  Headers: { auth: string }
}

describe('the types of Fastify', () => {
  it('tell the handler of a shorthand route from that of HTTP', async () => {
    const app = await createApp()
    app.get('/ws', { websocket: true }, (socket, request) => {
      expectTypeOf(socket).toEqualTypeOf<WebSocket>()
      expectTypeOf(request.ws).toEqualTypeOf<boolean>()
      expectTypeOf(request.log).toEqualTypeOf<FastifyBaseLogger>()
      expectTypeOf(app.websocketServer).toEqualTypeOf<WebSocketServer>()
      socket.send('ws')
    })
    app.get('/http', { websocket: false }, async (request, reply) => {
      expectTypeOf(request).toEqualTypeOf<FastifyRequest>()
      expectTypeOf(reply).toEqualTypeOf<FastifyReply>()
      return 'http'
    })
    const handler: WebsocketHandler = (socket) => socket.send('annotated')
    app.get('/annotated', { websocket: true }, handler)
    expect(await (await connect(app, '/ws')).next()).toBe('ws')
    expect(await (await connect(app, '/annotated')).next()).toBe('annotated')
    expect((await app.inject('/http')).payload).toBe('http')
  })

  it('tell the handler of a whole declaration', async () => {
    const app = await createApp()
    app.route<Explicit>({
      method: 'GET',
      url: '/rooms/:room',
      websocket: true,
      handler(socket, request) {
        expectTypeOf(socket).toEqualTypeOf<WebSocket>()
        expectTypeOf(request.params).toEqualTypeOf<{ room: string }>()
        expectTypeOf(request.query).toEqualTypeOf<{ page: number }>()
        expectTypeOf(request.headers).toEqualTypeOf<IncomingMessage['headers'] & { auth: string }>()
        socket.send(request.params.room)
      },
    })
    app.route<Explicit>({
      method: 'GET',
      url: '/both/:room',
      handler: async (request) => {
        expectTypeOf(request.params).toEqualTypeOf<{ room: string }>()
        return request.params.room
      },
      wsHandler(socket, request) {
        expectTypeOf(request.params).toEqualTypeOf<{ room: string }>()
        socket.send(request.params.room)
      },
    })
    expect(await (await connect(app, '/rooms/7')).next()).toBe('7')
    expect(await (await connect(app, '/both/8')).next()).toBe('8')
  })

  it('are inferred through a type provider', async () => {
    const app = closing(Fastify()).withTypeProvider<TypeBoxTypeProvider>()
    app.setValidatorCompiler(TypeBoxValidatorCompiler)
    await app.register(upwire)
    const schema = {
      params: Type.Object({ room: Type.String() }),
      querystring: Type.Object({ page: Type.Number() }),
    }
    app.get('/get/:room', { websocket: true, schema }, (socket, request) => {
      expectTypeOf(request.params).toEqualTypeOf<{ room: string }>()
      socket.send(`get ${request.query.page + 1}`)
    })
    app.route({
      method: 'GET',
      url: '/route/:room',
      websocket: true,
      schema,
      handler(socket, request) {
        expectTypeOf(request.query).toEqualTypeOf<{ page: number }>()
        socket.send(`route ${request.query.page + 1}`)
      },
    })
    app.ws('/ws/:room', { schema }, (socket, request) => {
      expectTypeOf(request.params).toEqualTypeOf<{ room: string }>()
      expectTypeOf(request.query).toEqualTypeOf<{ page: number }>()
      socket.send(`ws ${request.query.page + 1}`)
    })
    for (const way of ['get', 'route', 'ws']) {
      expect(await (await connect(app, `/${way}/7?page=2`)).next()).toBe(`${way} 3`)
    }
  })

  it('know the parameters of a path, and the data of a connection', async () => {
    const app = await createApp()
    app.ws('/rooms/:room', (socket, request) => {
      expectTypeOf(request.params).toEqualTypeOf<{ readonly room: string }>()
      socket.send(request.params.room)
    })
    app.ws('/users', { data: () => ({ user: 'ann' }) }, (socket) => {
      expectTypeOf(socket.data).toEqualTypeOf<{ user: string }>()
      socket.send(socket.data.user)
    })
    app.ws('/hooks', {
      upgrade: () => ({ user: 'ben' }),
      open(socket) {
        expectTypeOf(socket.data).toEqualTypeOf<{ user: string }>()
        socket.send(socket.data.user)
      },
    })
    expect(await (await connect(app, '/rooms/7')).next()).toBe('7')
    expect(await (await connect(app, '/users')).next()).toBe('ann')
    expect(await (await connect(app, '/hooks')).next()).toBe('ben')
  })

  it('give messages and replies the types of their schemas', async () => {
    const app = closing(Fastify()).withTypeProvider<TypeBoxTypeProvider>()
    app.setValidatorCompiler(TypeBoxValidatorCompiler)
    await app.register(upwire)
    const schema = {
      message: Type.Object({ celsius: Type.Number() }),
      reply: Type.Object({ fahrenheit: Type.Number() }),
    }
    app.get('/get', { websocket: true, schema }, (socket) => {
      socket.on('message', (reading) => {
        expectTypeOf(reading).toEqualTypeOf<{ celsius: number }>()
        socket.send({ fahrenheit: reading.celsius * 2 })
      })
    })
    app.ws('/function', { schema }, (socket) => {
      socket.on('message', ({ celsius }) => socket.send({ fahrenheit: celsius * 2 }))
    })
    app.ws('/loop', { schema }, async (socket) => {
      for await (const { celsius } of socket) socket.send({ fahrenheit: celsius * 2 })
    })
    app.ws(
      '/hooks',
      { schema },
      {
        message(socket, reading) {
          expectTypeOf(reading).toEqualTypeOf<{ celsius: number }>()
          socket.send({ fahrenheit: reading.celsius * 2 })
        },
      },
    )
    for (const path of ['/get', '/function', '/loop', '/hooks']) {
      const socket = await connect(app, path)
      socket.send('{"celsius":4}')
      expect(await socket.next()).toBe('{"fahrenheit":8}')
    }
  })

  it('name what programs for @fastify/websocket import', async () => {
    expectTypeOf<upwire.WebSocket>().toEqualTypeOf<WebSocket>()
    expectTypeOf<upwire.WebsocketHandler>().toEqualTypeOf<WebsocketHandler>()
    expectTypeOf<upwire.WebsocketPluginOptions>().toEqualTypeOf<WebsocketPluginOptions>()
    expectTypeOf<upwire.RouteOptions>().toEqualTypeOf<RouteOptions>()
    expectTypeOf(fastifyWebsocket).toEqualTypeOf(named)
    const options: fastifyWebsocket.WebsocketPluginOptions = { options: { maxPayload: 123 } }
    const app = closing(Fastify())
    await app.register(fastifyWebsocket, options)
    const routes: RouteOptions[] = [
      {
        method: 'GET',
        url: '/both',
        handler: async (request) => `http ${request.ws}`,
        wsHandler(socket, request) {
          expectTypeOf(this).toEqualTypeOf<FastifyInstance>()
          expectTypeOf(socket).toEqualTypeOf<WebSocket>()
          socket.send(`ws ${request.ws}`)
        },
      },
    ]
    for (const route of routes) app.route(route)
    expect(await (await connect(app, '/both')).next()).toBe('ws true')
    expect((await app.inject('/both')).payload).toBe('http false')
  })

  it('give a test a socket with its next message', async () => {
    const app = await createApp()
    app.get('/', { websocket: true }, (socket) => socket.send('hi'))
    const seen: string[] = []
    const onInit = (socket: WebSocket): void => void seen.push(`init ${socket.readyState}`)
    const onOpen = (socket: WebSocket): void => void seen.push(`open ${socket.readyState}`)
    const socket = await app.injectWS('/', { headers: { a: 'b' } }, { onInit, onOpen })
    expectTypeOf(socket.next()).resolves.toEqualTypeOf<string | Buffer>()
    expect(seen).toEqual(['init 0', 'open 1'])
    socket.terminate()
  })

  it('are inferred from JSON schema', async () => {
    const app = closing(Fastify()).withTypeProvider<JsonSchemaToTsProvider>()
    await app.register(upwire)
    const params = { type: 'object', properties: { room: { type: 'string' } }, required: ['room'] } as const
    const message = {
      type: 'object',
      properties: { celsius: { type: 'number' } },
      required: ['celsius'],
    } as const
    app.get('/get/:room', { websocket: true, schema: { params, message } }, (socket, request) => {
      expectTypeOf(request.params.room).toEqualTypeOf<string>()
      socket.on('message', ({ celsius }) => {
        expectTypeOf(celsius).toEqualTypeOf<number>()
        socket.send(`${request.params.room} ${celsius}`)
      })
    })
    app.ws(
      '/ws/:room',
      { schema: { params, message } },
      {
        message(socket, { celsius }) {
          expectTypeOf(celsius).toEqualTypeOf<number>()
          socket.send(`${celsius}`)
        },
      },
    )
    for (const [path, answer] of [
      ['/get/7', '7 4'],
      ['/ws/7', '4'],
    ]) {
      const socket = await connect(app, path)
      socket.send('{"celsius":4}')
      expect(await socket.next()).toBe(answer)
    }
  })

  it('are inferred from Zod', async () => {
    const app = closing(Fastify()).withTypeProvider<ZodTypeProvider>()
    app.setValidatorCompiler(validatorCompiler)
    app.setSerializerCompiler(serializerCompiler)
    await app.register(upwire)
    const schema = {
      params: z.object({ room: z.string() }),
      message: z.object({ at: z.coerce.date() }),
      reply: z.object({ year: z.number() }),
    }
    app.get('/get/:room', { websocket: true, schema }, (socket, request) => {
      expectTypeOf(request.params).toEqualTypeOf<{ room: string }>()
      socket.on('message', ({ at }) => {
        expectTypeOf(at).toEqualTypeOf<Date>()
        socket.send({ year: at.getUTCFullYear() })
      })
    })
    app.ws(
      '/ws/:room',
      { schema },
      {
        message(socket, { at }) {
          expectTypeOf(at).toEqualTypeOf<Date>()
          socket.send({ year: at.getUTCFullYear() })
        },
      },
    )
    for (const path of ['/get/7', '/ws/7']) {
      const socket = await connect(app, path)
      for (const at of ['2026-01-02', 'never']) socket.send(JSON.stringify({ at }))
      expect(await socket.next()).toBe('{"year":2026}')
      expect(JSON.parse(String(await socket.next()))).toMatchObject({
        error: { code: 'UPWIRE_BAD_MESSAGE', path: '/at' },
      })
    }
  })
})
