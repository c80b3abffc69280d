import type { Server } from 'node:http'
import type { ErrorRequestHandler, RequestHandler } from 'express'
import { describe, expect, it, vi } from 'vitest'
import {
  type Application,
  errorMiddlewareBehind,
  hasErrorMiddleware,
  isApplication,
  isRouter,
  leadsTo,
  onUnanswered,
  watchMounts,
} from '../src/express-internals.ts'
import { EXPRESSES, serve } from './harness.ts'

describe.each(EXPRESSES)('what is known of $version', ({ express }) => {
  /** An application with one route of ours at `path`, and one that is not. */
  function withRoute(target: object, path: unknown) {
    const routes = new WeakSet<object>()
    const router = target as unknown as Application
    router.route('/http').get((_request, response) => response.end())
    const route = router.route(path)
    route.get((_request, response) => response.end())
    routes.add(route)
    return (at: string, from: object = target) => leadsTo(from as unknown as Application, at, routes)
  }

  describe('isApplication() and isRouter()', () => {
    it('tell applications, routers, and what makes them apart', () => {
      const values = {
        app: express(),
        router: express.Router(),
        express,
        Router: express.Router,
        none: undefined,
      }
      const kinds = Object.entries(values).map(([name, value]) => [
        name,
        isApplication(value),
        isRouter(value),
      ])
      expect(kinds).toEqual([
        ['app', true, false],
        ['router', false, true],
        ['express', false, false],
        ['Router', false, false],
        ['none', false, false],
      ])
    })
  })

  describe('errorMiddlewareBehind()', () => {
    const names = (app: object, path: string, routes: WeakSet<object>) =>
      errorMiddlewareBehind(app as unknown as Application, path, routes).map(({ name }) => name)

    it('finds what an error in a route comes to, from the inside out, and nothing else', () => {
      const [app, router, sibling] = [express(), express.Router(), express.Router()]
      const routes = new WeakSet<object>()
      app.use(function before(_error, _request, _response, _next) {} as ErrorRequestHandler)
      sibling.use(function beside(_error, _request, _response, _next) {} as ErrorRequestHandler)
      app.use('/api', sibling)
      routes.add(router.route('/chat'))
      router.use(function within(_error, _request, _response, _next) {} as ErrorRequestHandler)
      app.use('/api', router)
      app.use('/other', function elsewhere(_error, _request, _response, _next) {} as ErrorRequestHandler)
      app.use(function ordinary(_request, _response, _next) {} as RequestHandler)
      app.use(function behind(_error, _request, _response, _next) {} as ErrorRequestHandler)
      expect(names(app, '/api/chat', routes)).toEqual(['within', 'behind'])
      expect(names(app, '/api/none', routes)).toEqual([])
      expect(names(express(), '/api/chat', routes)).toEqual([])
    })
  })

  describe('leadsTo()', () => {
    it('finds nothing where nothing is registered', () => {
      expect(leadsTo(express() as unknown as Application, '/chat', new WeakSet())).toBe(false)
    })

    it('finds a route by its pattern, and no other route', () => {
      const leads = withRoute(express(), '/rooms/:room')
      expect(leads('/rooms/7')).toBe(true)
      expect(leads('/rooms/7/')).toBe(true)
      expect(leads('/ROOMS/7')).toBe(true)
      expect(leads('/rooms')).toBe(false)
      expect(leads('/rooms/7/8')).toBe(false)
      expect(leads('/http')).toBe(false)
    })

    it('finds a route by a RegExp and by a list', () => {
      expect(withRoute(express(), /^\/v(\d+)$/)('/v12')).toBe(true)
      const leads = withRoute(express(), ['/a', /^\/b/])
      expect([leads('/a'), leads('/bc'), leads('/c')]).toEqual([true, true, false])
    })

    it('matches case and trailing slashes as the application is set', () => {
      const app = express()
      app.enable('case sensitive routing')
      app.enable('strict routing')
      const leads = withRoute(app, '/Chat')
      expect([leads('/Chat'), leads('/chat'), leads('/Chat/')]).toEqual([true, false, false])
    })

    it('looks into routers at any depth, and only behind their whole prefix', () => {
      const [app, outer, inner] = [express(), express.Router(), express.Router()]
      const leads = withRoute(inner, '/:id')
      app.use('/api', outer.use('/rooms/:room', inner))
      expect(leads('/api/rooms/7/8', app)).toBe(true)
      expect(leads('/api/rooms/7/', app)).toBe(false)
      expect(leads('/apirooms/7/8', app)).toBe(false)
      expect(leads('/rooms/7/8', app)).toBe(false)
    })

    it('looks behind a prefix that is a RegExp, where that begins the path and ends at a slash', () => {
      const [app, router] = [express(), express.Router()]
      const leads = withRoute(router, /chat$/)
      app.use(/\/v\d/, router)
      expect([leads('/v1/chat', app), leads('/v12/chat', app)]).toEqual([true, false])
      expect([leads('/x/v1/chat', app), leads('/ab/v1/chat', app)]).toEqual([false, false])
    })

    it('finds the root of a router at its prefix', () => {
      const [app, router] = [express(), express.Router()]
      const leads = withRoute(router, '/')
      app.use('/chat', router)
      expect([leads('/chat', app), leads('/chat/', app), leads('/chat/x', app)]).toEqual([true, true, false])
    })

    it('takes a parameter that cannot be decoded for no match', () => {
      expect(withRoute(express(), '/rooms/:room')('/rooms/%zz')).toBe(false)
    })

    it('looks into an application from where it is mounted, each time it is', () => {
      const [app, other, sub] = [express(), express(), express()]
      watchMounts(sub as unknown as Application)
      const leads = withRoute(sub, '/chat')
      app.use(['/a', '/b'], sub)
      app.use('/empty', (_request, _response, next) => next())
      other.use('/c', sub)
      expect([leads('/a/chat', app), leads('/b/chat', app), leads('/c/chat', app)]).toEqual([
        true,
        true,
        false,
      ])
      expect(leads('/c/chat', other)).toBe(true)
    })

    it('runs nothing', () => {
      const app = express()
      const middleware = vi.fn()
      app.use(middleware)
      app.param('room', middleware)
      withRoute(app, '/rooms/:room')('/rooms/7')
      expect(middleware).not.toHaveBeenCalled()
    })
  })

  describe('hasErrorMiddleware()', () => {
    type Next = () => void
    const plain = (_request: unknown, _response: unknown, next: Next) => next()
    const taking = (_error: unknown, _request: unknown, _response: unknown, next: Next) => next()
    const has = (app: object) => hasErrorMiddleware(app as unknown as Application)

    it('finds none in an application without routes, nor among other middleware', () => {
      expect(has(express())).toBe(false)
      expect(has(express().use(plain).get('/', plain))).toBe(false)
    })

    it('finds it in an application, a router however deep, and a route', () => {
      const deep = express.Router().use(express.Router().use(taking as never))
      expect(
        has(
          express()
            .use(plain)
            .use(taking as never),
        ),
      ).toBe(true)
      expect(has(express().use('/a', deep))).toBe(true)
      expect(has(express().get('/a', plain, taking as never))).toBe(true)
    })

    it('looks into mounted applications that it knows, and takes others to have some', () => {
      const [known, knownTaking] = [express(), express()]
      for (const sub of [known, knownTaking]) watchMounts(sub as unknown as Application)
      knownTaking.use(taking as never)
      expect(has(express().use('/sub', known.use(plain)))).toBe(false)
      expect(has(express().use('/sub', knownTaking))).toBe(true)
      expect(has(express().use('/sub', express()))).toBe(true)
    })
  })

  describe('onUnanswered()', () => {
    /** What was told of each unanswered request: its URL and the error, before Express's own final handler went on. */
    function watch(app: object): unknown[] {
      const unanswered: unknown[] = []
      onUnanswered(app as Application, (error, request, _response, final) => {
        unanswered.push([request.url, error])
        final(error)
      })
      return unanswered
    }

    async function get(server: Server, path: string): Promise<[status: number, body: string]> {
      const address = server.address()
      const port = typeof address === 'object' ? address?.port : undefined
      const response = await fetch(`http://127.0.0.1:${port}${path}`, { headers: { connection: 'close' } })
      return [response.status, await response.text()]
    }

    it('is told of what nothing answered, and hands on to the final handler of Express', async () => {
      const app = express()
      const unanswered = watch(app)
      app.get('/page', (_request, response) => void response.send('page'))
      const server = await serve(app)
      expect(await get(server, '/page')).toEqual([200, 'page'])
      expect(unanswered).toEqual([])
      expect(await get(server, '/none')).toEqual([404, expect.stringContaining('Cannot GET /none')])
      expect(unanswered).toEqual([['/none', undefined]])
    })

    it('is told of errors that no error middleware took, which Express then answers and logs', async () => {
      const log = vi.spyOn(console, 'error').mockImplementation(() => {})
      const app = express()
      app.set('env', 'production')
      const unanswered = watch(app)
      const error = Object.assign(new Error('no'), { status: 403 })
      app.get('/page', (_request, _response, next) => next(error))
      const server = await serve(app)
      expect(await get(server, '/page')).toEqual([403, expect.stringContaining('Forbidden')])
      expect(unanswered).toEqual([['/page', error]])
      await vi.waitFor(() => expect(log).toHaveBeenCalledTimes(1))
      log.mockRestore()
    })

    it('gives a request that came from a parent back to it', async () => {
      const [app, sub] = [express(), express()]
      const unanswered = watch(sub)
      app.use('/sub', sub)
      app.use((_request, response) => void response.status(404).send('of the parent'))
      expect(await get(await serve(app), '/sub/none')).toEqual([404, 'of the parent'])
      expect(unanswered).toEqual([])
    })

    it('leaves settings that are made afterwards their effect', async () => {
      const app = express()
      watch(app)
      app.enable('case sensitive routing')
      app.get('/Page', (_request, response) => void response.send('page'))
      const server = await serve(app)
      expect((await get(server, '/page'))[0]).toBe(404)
      expect((await get(server, '/Page'))[0]).toBe(200)
    })

    it('works for an application without a route', async () => {
      const app = express()
      watch(app)
      expect((await get(await serve(app), '/'))[0]).toBe(404)
    })
  })
})
