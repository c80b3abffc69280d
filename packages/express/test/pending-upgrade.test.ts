import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { UpgradeRejection } from '@upwire/core'
import { ping, rawRequest, text, watchEachTest } from '@upwire/testkit'
import type { ErrorRequestHandler, NextFunction, Request, RequestHandler, Response } from 'express'
import session from 'express-session'
import { describe, expect, it, vi } from 'vitest'
import { upwire } from '../src/index.ts'
import { connect, EXPRESSES, nextText, serve } from './harness.ts'

/** The session, with what these tests keep there. */
function sessionOf(request: Request): session.Session & { name?: string } {
  return request.session
}

watchEachTest()

/** Middleware that keeps each request until the test answers it or lets it go on. */
function holdRequests() {
  const held: { request: Request; response: Response; next: NextFunction }[] = []
  const arrivals: (() => void)[] = []
  const middleware: RequestHandler = (request, response, next) => {
    held.push({ request, response, next })
    arrivals.shift()?.()
  }
  const nextHeld = async () => {
    if (held.length === 0) await new Promise<void>((resolve) => arrivals.push(resolve))
    return held.shift()!
  }
  return { middleware, nextHeld }
}

describe.each(EXPRESSES)('before the 101, on $version,', ({ express }) => {
  describe('middleware that refuses', () => {
    it('answers with its own status, headers and body, and the handler never runs', async () => {
      const app = upwire(express())
      const handler = vi.fn()
      app.use((_request, response, next) => {
        response.set('X-Request-Id', '7')
        next()
      })
      app.use('/rooms', (_request, response) => {
        response.status(401).set('WWW-Authenticate', 'Bearer').json({ error: 'Sign in' })
      })
      app.ws('/rooms/:room', handler)
      const client = await connect(await serve(app), { path: '/rooms/7', after: text('early') })
      await client.ended
      expect(client.head).toMatch(/^HTTP\/1\.1 401 Unauthorized\r\n/)
      expect(client.headers.get('x-request-id')).toEqual(['7'])
      expect(client.headers.get('www-authenticate')).toEqual(['Bearer'])
      expect(client.headers.get('connection')).toEqual(['close'])
      expect(await client.body()).toBe('{"error":"Sign in"}')
      expect(handler).not.toHaveBeenCalled()
    })

    it('may do so late, and as a redirect', async () => {
      const app = upwire(express())
      const { middleware, nextHeld } = holdRequests()
      app.ws('/rooms/:room', middleware, () => {})
      const connecting = connect(await serve(app), '/rooms/7')
      const { response } = await nextHeld()
      response.redirect('/sign-in')
      const client = await connecting
      expect([client.status, client.headers.get('location')]).toEqual([302, ['/sign-in']])
    })

    it('may leave it to the error middleware, by next(error) or by throwing', async () => {
      const app = upwire(express())
      const refuse: RequestHandler = (request, _response, next) => {
        const error = Object.assign(new Error('Sign in'), { status: 401 })
        if (request.query.throw) throw error
        setImmediate(() => next(error))
      }
      const onError: ErrorRequestHandler = (error, _request, response, _next) =>
        void response.status(error.status).json({ error: error.message })
      app.ws('/chat', refuse, () => {})
      app.use(onError)
      const server = await serve(app)
      for (const path of ['/chat', '/chat?throw=1']) {
        const client = await connect(server, path)
        expect([client.status, await client.body()]).toEqual([401, '{"error":"Sign in"}'])
      }
    })

    it('may leave it to Express, which answers an error with its status', async () => {
      const app = upwire(express())
      app.ws(
        '/chat',
        (_request, _response, next) => next(Object.assign(new Error('no'), { status: 403 })),
        () => {},
      )
      const client = await connect(await serve(app), '/chat')
      await client.ended
      expect([client.status, client.headers.get('content-type')]).toEqual([403, ['text/html; charset=utf-8']])
    })

    it('is not overruled by going on all the same, which is an error', async () => {
      const app = upwire(express())
      const answerAndGoOn: RequestHandler = (_request, response, next) => {
        response.status(401).send('Sign in')
        next()
      }
      const reported = new Promise<Error>((resolve) => {
        app.ws('/chat', answerAndGoOn, () => expect.unreachable('opened'))
        app.use(((error, _request, _response, _next) => resolve(error)) as ErrorRequestHandler)
      })
      const client = await connect(await serve(app), '/chat')
      expect([client.status, await client.body()]).toEqual([401, 'Sign in'])
      expect((await reported).message).toContain('middleware that answers must not call next()')
    })
  })

  describe('middleware that lets it pass', () => {
    it('puts its headers on the 101', async () => {
      const app = upwire(express())
      app.use((_request, response, next) => {
        response.cookie('a', '1').cookie('b', '2').set('X-Request-Id', '7')
        next()
      })
      app.ws('/chat', { upgrade: (_request, headers) => headers.append('Set-Cookie', 'c=3'), open() {} })
      const client = await connect(await serve(app), '/chat')
      expect(client.status).toBe(101)
      expect(client.headers.get('set-cookie')).toEqual(['a=1; Path=/', 'b=2; Path=/', 'c=3'])
      expect(client.headers.get('x-request-id')).toEqual(['7'])
      expect(client.headers.get('connection')).toEqual(['Upgrade'])
      expect(client.headers.has('content-length')).toBe(false)
    })

    it('sees a response that finishes with 101 and closes, as loggers need it', async () => {
      const app = upwire(express())
      const logged = new Promise<unknown[]>((resolve) => {
        app.use((request, response, next) => {
          response.once('close', () =>
            resolve([request.originalUrl, response.statusCode, response.writableFinished]),
          )
          next()
        })
      })
      app.ws('/chat', () => {})
      await connect(await serve(app), '/chat')
      expect(await logged).toEqual(['/chat', 101, true])
    })

    it('shows what HTTP routes see: address behind a proxy, protocol, host', async () => {
      const app = upwire(express())
      app.set('trust proxy', true)
      app.ws('/chat', (socket, { ip, protocol, hostname }) =>
        socket.send(JSON.stringify([ip, protocol, hostname])),
      )
      const headers = { 'X-Forwarded-For': '203.0.113.7', 'X-Forwarded-Proto': 'https', Host: 'chat.example' }
      const client = await connect(await serve(app), { path: '/chat', headers })
      expect(JSON.parse(await nextText(client))).toEqual(['203.0.113.7', 'https', 'chat.example'])
    })
  })

  describe('a session', () => {
    function withSession(store = new session.MemoryStore()) {
      const app = upwire(express())
      app.use(session({ secret: 'test', resave: false, saveUninitialized: false, store }))
      return { app, store }
    }

    it('is what the HTTP routes have stored', async () => {
      const { app } = withSession()
      app.get('/sign-in', (request, response) => {
        sessionOf(request).name = 'Ada'
        response.send('welcome')
      })
      app.ws(
        '/chat',
        (request, response, next) => {
          if (sessionOf(request).name) next()
          else response.sendStatus(401)
        },
        (socket, request) => socket.send(sessionOf(request).name),
      )
      const server = await serve(app)
      expect((await connect(server, '/chat')).status).toBe(401)
      const signIn = await rawRequest(server, 'GET /sign-in HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
      const [cookie] = signIn.headers.get('set-cookie') ?? []
      const client = await connect(server, { path: '/chat', headers: { Cookie: cookie } })
      expect(await nextText(client)).toBe('Ada')
    })

    it('is saved before the 101, which sets its cookie', async () => {
      const { app, store } = withSession()
      const events: string[] = []
      const set = store.set.bind(store)
      store.set = (id, data, done) => {
        setImmediate(() => {
          events.push(`saved ${'name' in data && data.name}`)
          set(id, data, done)
        })
      }
      app.ws(
        '/chat',
        (request, _response, next) => {
          sessionOf(request).name = 'Ada'
          next()
        },
        () => events.push('open'),
      )
      const client = await connect(await serve(app), '/chat')
      expect(client.status).toBe(101)
      expect(client.headers.get('set-cookie')).toEqual([expect.stringMatching(/^connect\.sid=/)])
      expect(events).toEqual(['saved Ada', 'open'])
    })

    it('that cannot be saved is an error of the application, and the connection opens', async () => {
      const { app, store } = withSession()
      const failure = new Error('disk full')
      store.set = (_id, _data, done) => void setImmediate(() => done?.(failure))
      const reported = new Promise((resolve) => {
        app.ws(
          '/chat',
          (request, _response, next) => {
            sessionOf(request).name = 'Ada'
            next()
          },
          (socket) => socket.send('open'),
        )
        app.use(((error, _request, response, _next) => {
          response.status(500).send('sorry')
          resolve(error)
        }) as ErrorRequestHandler)
      })
      const client = await connect(await serve(app), '/chat')
      expect(await nextText(client)).toBe('open')
      expect(await reported).toBe(failure)
      expect(client.hasEnded).toBe(false)
    })
  })

  describe('the upgrade hook', () => {
    it('may refuse with an UpgradeRejection or a web Response', async () => {
      const app = upwire(express())
      app.ws('/chat', {
        upgrade: ({ query }) =>
          query.web
            ? Response.json({ error: 'no' }, { status: 403 })
            : new UpgradeRejection(403, { headers: { 'X-Why': 'full' }, body: 'no' }),
        open() {},
      })
      const server = await serve(app)
      const plain = await connect(server, '/chat')
      expect([plain.status, plain.headers.get('x-why'), await plain.body()]).toEqual([403, ['full'], 'no'])
      const web = await connect(server, '/chat?web=1')
      expect([web.status, await web.body()]).toEqual([403, '{"error":"no"}'])
    })

    it('that throws, or rejects, is answered by the error middleware', async () => {
      const app = upwire(express())
      app.ws('/chat', {
        async upgrade({ query }) {
          throw query.status ? Object.assign(new Error('no'), { status: 403 }) : new Error('broken')
        },
        open() {},
      })
      app.use(((error, _request, response, _next) => {
        response.status(error.status ?? 500).send(`oh: ${error.message}`)
      }) as ErrorRequestHandler)
      const server = await serve(app)
      const broken = await connect(server, '/chat')
      expect([broken.status, await broken.body()]).toEqual([500, 'oh: broken'])
      const refused = await connect(server, '/chat?status=1')
      expect([refused.status, await refused.body()]).toEqual([403, 'oh: no'])
    })

    it.each([undefined, null, 'route', 'router', ''])(
      'that throws %j fails like any other',
      async (reason) => {
        const app = upwire(express())
        app.ws('/chat', {
          upgrade() {
            throw reason
          },
          open() {},
        })
        app.get('/chat', (_request, response) => void response.send('the next route'))
        expect((await connect(await serve(app), '/chat')).status).toBe(500)
      },
    )
  })

  describe('a handshake that cannot become a connection is refused in front of the middleware of its route', () => {
    it('by 503 above the connections of the application', async () => {
      const app = upwire(express(), { maxConnections: 1 })
      app.ws('/a', () => {})
      app.use(
        '/router',
        upwire(express.Router()).ws('/b', () => {}),
      )
      const server = await serve(app)
      expect((await connect(server, '/a')).status).toBe(101)
      expect((await connect(server, '/router/b')).status).toBe(503)
    })

    it('by the error middleware where the origin rule throws', async () => {
      const origin = () => {
        throw new Error('broken rule')
      }
      const app = upwire(express(), { origin })
      app.ws('/chat', () => {})
      app.use(((error, _request, response, _next) => {
        response.status(500).send(error.message)
      }) as ErrorRequestHandler)
      const client = await connect(await serve(app), '/chat')
      expect([client.status, await client.body()]).toEqual([500, 'broken rule'])
    })
  })

  describe('the deadline', () => {
    it('answers 503 for middleware that does not, and ignores it when it does after all', async () => {
      const app = upwire(express(), { handshakeTimeout: 20 })
      const { middleware, nextHeld } = holdRequests()
      app.use(middleware)
      app.ws('/chat', () => expect.unreachable('opened'))
      const client = await connect(await serve(app), '/chat')
      expect([client.status, await client.body()]).toEqual([
        503,
        'The server did not complete the opening handshake in time',
      ])
      const { response, next } = await nextHeld()
      response.status(401).set('X-Late', '1').send('Sign in')
      next()
      await client.ended
    })

    it('is that of the route from its middleware on', async () => {
      const app = upwire(express())
      const { middleware } = holdRequests()
      app.ws('/chat', { handshakeTimeout: 20 }, middleware, () => {})
      expect((await connect(await serve(app), '/chat')).status).toBe(503)
    })

    it('holds for the upgrade hook', async () => {
      const app = upwire(express(), { handshakeTimeout: 20 })
      app.ws('/chat', { upgrade: () => new Promise(() => {}), open() {} })
      expect((await connect(await serve(app), '/chat')).status).toBe(503)
    })

    it('leaves an answer that is under way alone', async () => {
      const app = upwire(express(), { handshakeTimeout: 20 })
      const { middleware, nextHeld } = holdRequests()
      app.use(middleware)
      const connecting = connect(await serve(app), '/chat')
      const { response } = await nextHeld()
      response.write('slow, ')
      const client = await connecting
      await delay(40)
      response.end('but sure')
      expect(await client.body()).toBe('slow, but sure')
    })

    it('can be turned off', async () => {
      const app = upwire(express(), { handshakeTimeout: 0 })
      app.ws(
        '/chat',
        (_request, _response, next) => void setImmediate(next),
        () => {},
      )
      expect((await connect(await serve(app), '/chat')).status).toBe(101)
    })
  })

  describe('a peer that resets the connection', () => {
    it('while middleware works ends quietly: the response closes, and nothing opens', async () => {
      const app = upwire(express())
      const { middleware, nextHeld } = holdRequests()
      const upgrade = vi.fn()
      app.ws('/chat', middleware, { upgrade, open: upgrade })
      const server = await serve(app)
      const connecting = connect(server, '/chat').catch(() => {})
      const { request, response, next } = await nextHeld()
      const closed = once(response, 'close')
      request.socket.resetAndDestroy()
      await closed
      next()
      await connecting
      await vi.waitFor(() =>
        expect(app.websockets.stats()).toMatchObject({ pending: 0, open: 0, rejected: 1 }),
      )
      expect(upgrade).not.toHaveBeenCalled()
    })

    it('while the upgrade hook works ends quietly', async () => {
      const app = upwire(express())
      const { middleware, nextHeld } = holdRequests()
      let decide = () => {}
      app.ws('/chat', middleware, {
        upgrade: () => new Promise<void>((resolve) => (decide = resolve)),
        open: () => expect.unreachable('opened'),
      })
      const connecting = connect(await serve(app), '/chat').catch(() => {})
      const { request, response, next } = await nextHeld()
      next()
      const closed = once(response, 'close')
      request.socket.destroy()
      await closed
      decide()
      await connecting
    })

    it('while the upgrade hook works hides no error of it', async () => {
      const app = upwire(express())
      const { middleware, nextHeld } = holdRequests()
      const error = new Error('broken')
      let fail = () => {}
      const reported = new Promise((resolve) => {
        app.ws('/chat', middleware, {
          upgrade: () => new Promise<void>((_, reject) => (fail = () => reject(error))),
          open: () => expect.unreachable('opened'),
        })
        app.use(((reason, _request, response, _next) => {
          response.status(500).send('sorry')
          resolve(reason)
        }) as ErrorRequestHandler)
      })
      const connecting = connect(await serve(app), '/chat').catch(() => {})
      const { request, response, next } = await nextHeld()
      next()
      const closed = once(response, 'close')
      request.socket.destroy()
      await closed
      fail()
      expect(await reported).toBe(error)
      await connecting
    })

    it('may still be answered by middleware, to nobody', async () => {
      const app = upwire(express())
      const { middleware, nextHeld } = holdRequests()
      app.ws('/chat', middleware, () => {})
      const connecting = connect(await serve(app), '/chat').catch(() => {})
      const { request, response } = await nextHeld()
      const closed = once(response, 'close')
      request.socket.resetAndDestroy()
      await closed
      response.status(401).send('Sign in')
      await connecting
    })
  })
})

describe.each(EXPRESSES)('after the 101, on $version,', ({ express }) => {
  /** An application whose route fails as `fail` does, and what its error middleware is told. */
  async function failing(fail: () => unknown) {
    const app = upwire(express())
    const errors: unknown[] = []
    app.ws('/function', fail)
    app.ws('/listener', (socket) => socket.on('message', fail))
    app.ws('/open', { open: fail })
    app.ws('/message', { message: fail })
    app.ws('/close', { close: fail })
    app.use(((error, request, response, _next) => {
      errors.push([request.path, error])
      response.status(500).send('sorry')
    }) as ErrorRequestHandler)
    return { server: await serve(app), errors }
  }

  const error = new Error('broken')
  const failures: [string, () => unknown][] = [
    [
      'throws',
      () => {
        throw error
      },
    ],
    [
      'rejects',
      async () => {
        throw error
      },
    ],
  ]

  describe.each(failures)('user code that %s', (_how, fail) => {
    it.each(['/function', '/listener', '/open', '/message'])(
      'in %s is told to the error middleware once, and closes with 1011',
      async (path) => {
        const { server, errors } = await failing(fail)
        const client = await connect(server, { path, after: Buffer.concat([text('a'), text('b'), ping()]) })
        expect(client.status).toBe(101)
        expect(await client.nextClose()).toMatchObject({ code: 1011 })
        expect(errors).toEqual([[path, error]])
      },
    )

    it('in a close hook is told to the error middleware once', async () => {
      const { server, errors } = await failing(fail)
      const client = await connect(server, '/close')
      client.end()
      await client.ended
      await vi.waitFor(() => expect(errors).toEqual([['/close', error]]))
    })
  })

  it('user code of a mounted application that throws is told to the error middleware of its parent, once', async () => {
    const [app, sub] = [upwire(express()), upwire(express())]
    const errors: unknown[] = []
    sub.ws('/chat', () => {
      throw error
    })
    app.use('/sub', sub)
    app.use(((reason, _request, response, _next) => {
      errors.push(reason)
      response.status(500).json({ error: 'sorry' })
    }) as ErrorRequestHandler)
    app.use(((reason, _request, _response, next) => {
      errors.push(reason)
      next()
    }) as ErrorRequestHandler)
    const client = await connect(await serve(app), '/sub/chat')
    expect(await client.nextClose()).toMatchObject({ code: 1011 })
    expect(errors).toEqual([error])
  })

  it.each([undefined, 'route'])('a handler that throws %j fails like any other', async (reason) => {
    const { server, errors } = await failing(() => {
      throw reason
    })
    const client = await connect(server, '/function')
    expect(await client.nextClose()).toMatchObject({ code: 1011 })
    expect(errors).toEqual([['/function', expect.any(Error)]])
  })
})
