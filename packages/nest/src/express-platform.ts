/**
 * Everything this package knows of Express, and of Nest's adapter for it, beyond their documentation is in this file.
 *
 * - An application has its `router`, whose `stack` has a layer for each middleware and each route, in order. A layer with
 *   a `route` answers a path and a method.
 * - Nest adds, in this order: body parsers, what `app.use` was given, the middleware of modules, the routes of controllers,
 *   a layer that throws for what nobody answered, and one that has filters answer exceptions. It calls the adapter's
 *   `setNotFoundHandler` to have the first of these two. Middleware for one path exactly is added as a route.
 * - Nest's adapter begins with a layer that calls its `onRequestHook` and `onResponseHook`, where those are set.
 * - Layers run as `router.handle(request, response, final)` finds them in `this.stack`.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { HttpServer as NestHttpAdapter } from '@nestjs/common'
import type { Platform } from './arrival.ts'
import { PendingUpgrade } from './pending-upgrade.ts'

type Next = (error?: unknown) => void
type Handle = (request: IncomingMessage, response: ServerResponse, next: Next) => void

type AddMiddleware = Exclude<ReturnType<NestHttpAdapter['createMiddlewareFactory']>, Promise<unknown>>

interface Layer {
  readonly route?: object
  readonly name: string
  readonly handle: Handle
}

interface Router {
  readonly stack: readonly Layer[]
  readonly handle: Handle
}

interface Application {
  readonly router: Router
  handle(request: IncomingMessage, response: ServerResponse): void
  use(middleware: Handle): void
}

/** Serves files, also at paths that gateways have. */
const FILE_SERVER = 'serveStatic'

/** An upgrade has no body for them to read. */
const BODY_PARSERS = ['jsonParser', 'urlencodedParser']

/** What Nest's own first layer does, and no other. */
const NEST_HOOKS = ['onRequestHook', 'onResponseHook']

/** What a stack of that many layers makes of upgrades. */
interface Pipeline {
  readonly layers: number
  readonly stack: readonly Layer[]
  /** Whether no layer looks at upgrades but the one of Nest's hooks. */
  readonly isBare: boolean
}

/** Runs Express for upgrades, past its routes: a gateway and a controller may have the same path. */
export class ExpressPlatform implements Platform {
  readonly #adapter: NestHttpAdapter
  readonly #app: Application
  readonly #middlewareRoutes = new WeakSet<object>()
  #arrivals: Handle | undefined
  #known: Pipeline | undefined

  constructor(adapter: NestHttpAdapter) {
    this.#adapter = adapter
    this.#app = adapter.getInstance()
    this.#watchMiddleware(adapter)
    this.#addLayer(adapter)
  }

  get isTransparent(): boolean {
    return this.#pipeline.isBare && NEST_HOOKS.every((hook) => !Reflect.get(this.#adapter, hook))
  }

  run(request: IncomingMessage, response: ServerResponse): void {
    const { stack } = this.#pipeline
    const routeless = Object.create(this.#app.router, { stack: { value: stack } })
    const app: Application = Object.create(this.#app, { router: { value: routeless } })
    app.handle(request, response)
  }

  /** Looked at again only when layers were added: it is the same for most of an application's life. */
  get #pipeline(): Pipeline {
    const { stack } = this.#app.router
    if (this.#known?.layers === stack.length) return this.#known
    const forUpgrades = stack.filter((layer) => this.#isForUpgrades(layer))
    const middleware = forUpgrades.slice(
      0,
      forUpgrades.findIndex(({ handle }) => handle === this.#arrivals),
    )
    this.#known = { layers: stack.length, stack: forUpgrades, isBare: middleware.every(callsNestHooks) }
    return this.#known
  }

  #isForUpgrades({ route, name }: Layer): boolean {
    if (route) return this.#middlewareRoutes.has(route)
    return name !== FILE_SERVER && !BODY_PARSERS.includes(name)
  }

  #watchMiddleware(adapter: NestHttpAdapter): void {
    const { createMiddlewareFactory } = adapter
    adapter.createMiddlewareFactory = (method) => {
      const addMiddleware = createMiddlewareFactory.call(adapter, method) as AddMiddleware
      return (path, callback) => {
        const before = this.#app.router.stack.length
        addMiddleware(path, callback)
        for (const { route } of this.#app.router.stack.slice(before)) {
          if (route) this.#middlewareRoutes.add(route)
        }
      }
    }
  }

  /** Behind all middleware, and in front of what answers for nobody and for exceptions. */
  #addLayer(adapter: NestHttpAdapter): void {
    const { setNotFoundHandler } = adapter
    adapter.setNotFoundHandler = (...args) => {
      this.#arrivals = (request, response, next) => {
        const upgrade = PendingUpgrade.of(request)
        if (!upgrade) return next()
        upgrade.arrive({ args: [request, response, next], takeOver: nothingToFinish }).catch(next)
      }
      this.#app.use(this.#arrivals)
      return setNotFoundHandler?.apply(adapter, args)
    }
  }
}

function callsNestHooks({ handle }: Layer): boolean {
  const source = Function.prototype.toString.call(handle)
  return NEST_HOOKS.every((hook) => source.includes(`this.${hook}`))
}

/** What middleware wants to do to a response, it does when that ends. */
async function nothingToFinish(): Promise<void> {}
