import type { Server } from 'node:http'
import type { ErrorRequestHandler, RequestHandler } from 'express'
import request from 'supertest'
import { describe, expect, it } from 'vitest'
import { upwire } from '../src/index.ts'
import { connect, EXPRESSES, nextText, serve } from './harness.ts'

/** What a connection to `path` says first, or the status that refused it. */
async function answer(server: Server, path: string): Promise<unknown> {
  const client = await connect(server, path)
  return client.status === 101 ? JSON.parse(await nextText(client)) : client.status
}

const forbid: RequestHandler = (_request, response) => void response.status(403).send('no')
const pass: RequestHandler = (_request, _response, next) => next()

describe.each(EXPRESSES)('ws() on $version', ({ express }) => {
  describe('takes', () => {
    it('a function, with the request as middleware has left it', async () => {
      const app = upwire(express())
      const signIn: RequestHandler = (request, _response, next) => {
        Object.assign(request, { user: 'Ada' })
        next()
      }
      app.ws('/rooms/:room', signIn, (socket, request) => {
        const { user } = request as typeof request & { user: string }
        socket.send(JSON.stringify([user, request.params, request.query, socket.params]))
      })
      const params = { room: '7' }
      expect(await answer(await serve(app), '/rooms/7?a=1')).toEqual(['Ada', params, { a: '1' }, params])
    })

    it('hooks', async () => {
      const app = upwire(express())
      app.ws('/rooms/:room', {
        upgrade: ({ params }) => ({ room: params.room, visits: 0 }),
        open: (socket) => void socket.send(JSON.stringify(socket.data)),
      })
      expect(await answer(await serve(app), '/rooms/7')).toEqual({ room: '7', visits: 0 })
    })

    it('options in front of middleware and handler, over the defaults of the router and of the application', async () => {
      const app = upwire(express(), { maxPayload: 1, subprotocols: ['a'], data: () => 'app' })
      const router = upwire(express.Router(), { maxPayload: 2, subprotocols: ['b'] })
      router.ws('/chat', { subprotocols: ['c'] }, pass, (socket) =>
        socket.send(JSON.stringify([socket.protocol, socket.data])),
      )
      app.use(router)
      const headers = { 'Sec-WebSocket-Protocol': 'a, b, c' }
      const client = await connect(await serve(app), { path: '/chat', headers })
      expect(client.headers.get('sec-websocket-protocol')).toEqual(['c'])
      expect(JSON.parse(await nextText(client))).toEqual(['c', 'app'])
    })

    it('middleware in nested lists, and runs it in order', async () => {
      const app = upwire(express())
      const seen: string[] = []
      const note =
        (name: string): RequestHandler =>
        (_request, _response, next) => {
          seen.push(name)
          next()
        }
      app.ws('/chat', note('a'), [note('b'), [note('c')]], note('d'), (socket) =>
        socket.send(JSON.stringify(seen)),
      )
      expect(await answer(await serve(app), '/chat')).toEqual(['a', 'b', 'c', 'd'])
    })

    it('a RegExp, and a list of paths', async () => {
      const app = upwire(express())
      app.ws(/^\/v(\d+)$/, (socket) => socket.send(JSON.stringify(socket.params)))
      app.ws(['/a', '/b/:id'], (socket) => socket.send(JSON.stringify(socket.params)))
      const server = await serve(app)
      expect(await answer(server, '/v12')).toEqual({ 0: '12' })
      expect(await answer(server, '/a')).toEqual({})
      expect(await answer(server, '/b/7')).toEqual({ id: '7' })
      expect(await answer(server, '/c')).toBe(404)
    })
  })

  describe('refuses, where it is written,', () => {
    const app = upwire(express())
    const ws = app.ws as (...args: unknown[]) => unknown

    it.each([
      ['no path', [() => {}], 'ws() takes a path first'],
      ['an empty list of paths', [[], () => {}], 'ws() takes a path first'],
      ['no handler', ['/chat'], 'The handler must be a function'],
      ['a list as handler', ['/chat', [() => {}]], 'The handler must be a function'],
      ['an unknown hook', ['/chat', { mesage() {} }], /mesage.*message/],
      ['an unknown option', ['/chat', { maxPayLoad: 1 }, () => {}], /maxPayLoad.*maxPayload/],
      ['middleware that is none', ['/chat', forbid, 'auth', () => {}], 'options come first'],
      ['options behind middleware', ['/chat', forbid, { maxPayload: 1 }, () => {}], 'options come first'],
      ['a promise as handler', ['/chat', Promise.resolve(() => {})], 'await it'],
    ])('%s', (_what, args, message) => {
      expect(() => ws(...args)).toThrow(TypeError)
      expect(() => ws(...args)).toThrow(message)
    })
  })

  describe('on routers', () => {
    it('is reached three deep, with the parameters of all where they are merged', async () => {
      const app = upwire(express())
      const outer = express.Router({ mergeParams: true })
      const inner = upwire(express.Router({ mergeParams: true }))
      inner.ws('/seats/:seat', (socket, { baseUrl }) => socket.send(JSON.stringify([socket.params, baseUrl])))
      outer.use('/rooms/:room', inner)
      app.use('/floors/:floor', outer)
      expect(await answer(await serve(app), '/floors/1/rooms/2/seats/3')).toEqual([
        { floor: '1', room: '2', seat: '3' },
        '/floors/1/rooms/2',
      ])
    })

    it('has parameters of its own where they are not merged', async () => {
      const app = upwire(express())
      const router = upwire(express.Router())
      router.ws('/seats/:seat', (socket) => socket.send(JSON.stringify(socket.params)))
      app.use('/rooms/:room', router)
      expect(await answer(await serve(app), '/rooms/2/seats/3')).toEqual({ seat: '3' })
    })

    it('is behind the middleware of every router on the way', async () => {
      const app = upwire(express())
      const router = upwire(express.Router())
      router.ws('/chat', () => {})
      app.use('/open', router)
      app.use('/closed', forbid, router)
      const server = await serve(app)
      expect((await connect(server, '/open/chat')).status).toBe(101)
      expect((await connect(server, '/closed/chat')).status).toBe(403)
    })
  })

  it('lets app.param() load what a parameter names, or refuse', async () => {
    const app = upwire(express())
    app.param('room', (request, response, next, room) => {
      if (room !== '7') return void response.status(404).send('no such room')
      Object.assign(request, { title: 'Seven' })
      next()
    })
    app.ws('/rooms/:room', (socket, request) =>
      socket.send(JSON.stringify('title' in request && request.title)),
    )
    const server = await serve(app)
    expect(await answer(server, '/rooms/7')).toBe('Seven')
    const refused = await connect(server, '/rooms/8')
    expect([refused.status, await refused.body()]).toEqual([404, 'no such room'])
  })

  it('goes on to the next WebSocket route where middleware says so', async () => {
    const app = upwire(express())
    const onlyBeta: RequestHandler = (request, _response, next) =>
      next(request.query.beta ? undefined : 'route')
    app.ws('/chat', onlyBeta, (socket) => socket.send('"beta"'))
    app.ws('/chat', (socket) => socket.send('"stable"'))
    const server = await serve(app)
    expect(await answer(server, '/chat?beta=1')).toBe('beta')
    expect(await answer(server, '/chat')).toBe('stable')
  })

  describe('beside HTTP routes', () => {
    function chat() {
      const app = upwire(express())
      app.use((request, response, next) => {
        response.set('X-Method', request.method)
        next()
      })
      app.ws('/chat', forbid, () => {})
      app.ws('/only', forbid, () => {})
      app.get('/chat', (_request, response) => void response.send('the page'))
      app.post('/chat', (_request, response) => void response.send('posted'))
      return app
    }

    it('leaves a GET request to the next route of the path', async () => {
      await request(chat()).get('/chat').expect(200, 'the page').expect('X-Method', 'GET')
      await request(chat()).post('/chat').expect(200, 'posted')
    })

    it('answers 426 where there is none, and says what to upgrade to', async () => {
      await request(chat())
        .get('/only')
        .expect(426, 'This path only serves WebSocket connections')
        .expect('Upgrade', 'websocket')
        .expect('Connection', 'Upgrade')
        .expect('Content-Type', 'text/plain; charset=utf-8')
      await request(chat()).head('/only').expect(426)
    })

    it('answers 426 for the path of a router or a mounted application', async () => {
      const app = upwire(express())
      app.use(
        '/router',
        upwire(express.Router()).ws('/only', () => {}),
      )
      app.use(
        '/sub',
        upwire(express()).ws('/only', () => {}),
      )
      await request(app).get('/router/only').expect(426)
      await request(app).get('/sub/only').expect(426)
      await request(app).get('/sub/none').expect(404)
    })

    it('leaves every other request what Express answers', async () => {
      const response = await request(chat()).get('/none')
      const plain = await request(express()).get('/none')
      expect([response.status, response.text]).toEqual([plain.status, plain.text])
    })

    it('leaves an answer of the application what it is', async () => {
      const app = chat()
      app.use((_request, response) => void response.status(404).send('nothing here'))
      await request(app).get('/only').expect(404, 'nothing here')
    })

    it('leaves an answer that is under way, and an error, what they are', async () => {
      const app = chat()
      app.get('/only', (request, response, next) => {
        if (request.query.fail) return next(new Error('broken'))
        response.write('half')
        next()
      })
      app.use((request, response, next) => {
        if (!request.query.fail) setImmediate(() => response.end(' and half'))
        next()
      })
      const server = await serve(app)
      await request(server).get('/only').expect(200, 'half and half')
      await request(server).get('/only?fail=1').expect(500)
    })

    it('is refused by a GET route of the path in front of it', async () => {
      const app = upwire(express())
      app.get('/chat', (_request, response) => void response.send('the page'))
      app.ws('/chat', () => {})
      const client = await connect(await serve(app), '/chat')
      expect([client.status, await client.body()]).toEqual([200, 'the page'])
    })

    it('leaves errors to the error middleware of the application', async () => {
      const app = chat()
      app.get('/broken', () => {
        throw new Error('broken')
      })
      const onError: ErrorRequestHandler = (error, _request, response, _next) =>
        void response.status(500).json({ error: error.message })
      app.use(onError)
      await request(app).get('/broken').expect(500, { error: 'broken' })
    })
  })
})
