import type { FastifyPluginAsync } from 'fastify'
import { describe, expect, it } from 'vitest'
import { UpgradeRejection } from '../src/index.ts'
import { closeOf, connect, createApp, nest, refused } from './harness.ts'

describe('a route with { websocket: true }', () => {
  it('answers other requests with 404, HEAD too, and is hidden from descriptions', async () => {
    const app = await createApp()
    app.get('/', { websocket: true }, () => {})
    app.addHook('onRequest', async (request) => {
      if (request.ws) expect(request.routeOptions.schema).toMatchObject({ hide: true })
    })
    expect(await app.inject('/')).toMatchObject({ statusCode: 404, payload: '' })
    expect(await app.inject({ method: 'HEAD', url: '/' })).toMatchObject({ statusCode: 404 })
    await connect(app)
  })

  it('takes the first subprotocol of the client, and needs no Host header', async () => {
    const app = await createApp()
    app.get('/', { websocket: true }, (socket) => socket.send(`protocol ${socket.protocol}`))
    await app.ready()
    const socket = await app.injectWS('/', {}, { subprotocols: ['chat.v2', 'chat.v1'] })
    expect(await socket.next()).toBe('protocol chat.v2')
    socket.terminate()
  })

  it('takes the options of a route in its place', async () => {
    const app = await createApp()
    app.get('/', { websocket: { maxPayload: 4, subprotocols: ['chat.v1'] } }, (socket) => {
      socket.on('message', () => {})
    })
    const socket = await connect(app)
    socket.send('12345')
    expect(await closeOf(socket)).toBe('1009')
  })

  it('runs its handler with the instance as this', async () => {
    const app = await createApp()
    app.decorate('motd', 'welcome')
    app.get('/', { websocket: true }, function (socket) {
      socket.send(Reflect.get(this, 'motd'))
    })
    expect(await (await connect(app)).next()).toBe('welcome')
  })

  it.each([['POST'], [['GET', 'POST']]])('cannot be declared for %j', async (method) => {
    const app = await createApp()
    const declare = () => app.route({ method: method as 'GET', url: '/', websocket: true, handler() {} })
    expect(declare).toThrow('websocket handler can only be declared in GET method')
  })

  it('refuses an option that is none, where it is declared', async () => {
    const app = await createApp()
    const websocket = { maxPaylod: 4 } as object
    expect(() => app.get('/', { websocket }, () => {})).toThrow(
      'There is no option maxPaylod; did you mean maxPayload?',
    )
  })

  it('serves both forms of the root of a prefix', async () => {
    const app = await createApp()
    await nest(
      app,
      async (inner) => {
        inner.get('/', { websocket: true }, (socket) => socket.send('root'))
      },
      { prefix: '/chat' },
    )
    // Somebody else listens too, so that only what is ours is answered.
    app.server.on('upgrade', () => {})
    for (const path of ['/chat', '/chat/']) expect(await (await connect(app, path)).next()).toBe('root')
  })

  it.each([
    ['both', { ignoreTrailingSlash: true }, ['/chat', '/chat/']],
    ['no-slash', {}, ['/chat']],
    ['slash', {}, ['/chat/']],
  ] as const)(
    'serves the form of the root that is meant: %s, %j',
    async (prefixTrailingSlash, routerOptions, ours) => {
      const app = await createApp({}, { routerOptions })
      const root: FastifyPluginAsync = async (inner) => {
        inner.get('/', { websocket: true, prefixTrailingSlash }, (socket) => socket.send('root'))
      }
      await nest(app, root, { prefix: '/chat' })
      app.server.on('upgrade', ({ url }, stream) => {
        if (!ours.some((path) => path === url)) stream.end('HTTP/1.1 418 Theirs\r\n\r\n')
      })
      for (const path of ['/chat', '/chat/']) {
        if (ours.some((name) => name === path)) expect(await (await connect(app, path)).next()).toBe('root')
        else expect(await refused(app, path)).toMatchObject({ statusCode: 418 })
      }
    },
  )
})

describe('a route with wsHandler', () => {
  it('serves HTTP beside it', async () => {
    const app = await createApp()
    app.route({
      method: 'GET',
      url: '/hello',
      handler: async () => ({ hello: 'world' }),
      wsHandler: (socket) => socket.send('hello client'),
    })
    expect((await app.inject('/hello')).json()).toEqual({ hello: 'world' })
    expect((await app.inject({ method: 'HEAD', url: '/hello' })).statusCode).toBe(200)
    expect(await (await connect(app, '/hello')).next()).toBe('hello client')
  })

  it('takes hooks, and options in websocket', async () => {
    const app = await createApp()
    app.route({
      method: 'GET',
      url: '/',
      websocket: { maxPayload: 4 },
      handler: async () => 'http',
      wsHandler: { message: (socket, data) => void socket.send(`echo ${data}`) },
    } as Parameters<typeof app.route>[0])
    const socket = await connect(app)
    socket.send('1234')
    expect(await socket.next()).toBe('echo 1234')
    socket.send('12345')
    expect(await closeOf(socket)).toBe('1009')
    expect((await app.inject('/')).payload).toBe('http')
  })

  it('refuses what is no handler', async () => {
    const app = await createApp()
    const route = { method: 'GET', url: '/', handler() {}, wsHandler: 'hello' } as object
    expect(() => app.route(route as Parameters<typeof app.route>[0])).toThrow('invalid wsHandler function')
  })
})

describe('ws()', () => {
  it('takes a function, and the parameters of the path', async () => {
    const app = await createApp()
    app.ws('/rooms/:room', (socket, request) => {
      socket.send(`${request.params.room} ${socket.params.room}`)
    })
    expect(await (await connect(app, '/rooms/7')).next()).toBe('7 7')
  })

  it('takes hooks; upgrade makes the data, and headers for the 101', async () => {
    const app = await createApp()
    app.ws('/', {
      upgrade: (request, headers) => {
        headers.set('X-User', 'set')
        return { user: String(request.headers['x-user']) }
      },
      open: (socket) => void socket.send(`hello ${socket.data.user}`),
    })
    expect(await (await connect(app, '/', { 'x-user': 'ann' })).next()).toBe('hello ann')
  })

  it('takes options of Upwire and of Fastify side by side', async () => {
    const app = await createApp()
    app.ws(
      '/',
      {
        data: (request) => ({ page: (request.query as { page: number }).page }),
        schema: {
          querystring: { type: 'object', properties: { page: { type: 'integer' } }, required: ['page'] },
        },
        preHandler: async (request) => expect(request.ws).toBe(true),
      },
      (socket) => void socket.send(JSON.stringify(socket.data)),
    )
    expect(await (await connect(app, '/?page=3')).next()).toBe('{"page":3}')
    const response = await refused(app, '/?page=x')
    expect(response.json()).toMatchObject({ statusCode: 400, code: 'FST_ERR_VALIDATION' })
  })

  it.each([
    [
      'an UpgradeRejection',
      () => new UpgradeRejection(402, { headers: { 'X-Price': '3' }, body: 'pay' }),
      402,
      'pay',
    ],
    ['a Response', () => Response.json({ pay: 3 }, { status: 402 }), 402, '{"pay":3}'],
  ])('refuses with %s of the upgrade hook', async (_what, reject, status, payload) => {
    const app = await createApp()
    app.ws('/', { upgrade: reject, message() {} })
    expect(await refused(app)).toMatchObject({ statusCode: status, payload })
  })

  it('lets setErrorHandler answer what the upgrade hook throws', async () => {
    const app = await createApp()
    app.setErrorHandler((error: Error, _request, reply) => reply.code(418).send({ said: error.message }))
    app.ws('/', {
      upgrade() {
        throw new Error('no')
      },
      message() {},
    })
    const response = await refused(app)
    expect(response.statusCode).toBe(418)
    expect(response.json()).toEqual({ said: 'no' })
  })

  it('answers a plain request with 426', async () => {
    const app = await createApp()
    app.ws('/', () => {})
    const response = await app.inject('/')
    expect(response.statusCode).toBe(426)
    expect(response.headers.upgrade).toBe('websocket')
    expect(response.json()).toMatchObject({ code: 'UPWIRE_UPGRADE_REQUIRED' })
    expect((await app.inject({ method: 'HEAD', url: '/' })).statusCode).toBe(404)
  })

  it('lives under the prefix of its context', async () => {
    const app = await createApp()
    await nest(
      app,
      async (inner) => {
        inner.ws('/chat', (socket) => void socket.send('inner'))
      },
      { prefix: '/v1' },
    )
    expect(await (await connect(app, '/v1/chat')).next()).toBe('inner')
  })

  it.each([
    ['no handler', ['/'], /ws\(\) takes a path/],
    ['no path', [() => {}], /ws\(\) takes a path/],
    ['two handlers', ['/', () => {}, () => {}], /ws\(\) takes a path/],
    ['a misspelt option', ['/', { maxPaylod: 1 }, () => {}], /no option maxPaylod; did you mean maxPayload/],
    ['a misspelt hook', ['/', { mesage() {} }], /did you mean message/],
    ['an option of a wrong type', ['/', { maxPayload: '1' }, () => {}], /Option maxPayload must be/],
  ])('refuses %s where it is written', async (_what, args, message) => {
    const app = await createApp()
    expect(() => Reflect.apply(app.ws, app, args)).toThrow(message)
  })
})
