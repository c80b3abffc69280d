/**
 * Everything this package knows of Express, and of Nest's adapter for it, beyond their documentation is in this file.
 *
 * - An application has its `router`, whose `stack` has a layer for each middleware and each route, in order. A layer with
 *   a `route` answers a path and a method.
 * - Nest adds, in this order: body parsers, what `app.use` was given, the middleware of modules, the routes of controllers,
 *   a layer that throws for what nobody answered, and one that has filters answer exceptions. It calls the adapter's
 *   `setNotFoundHandler` to have the first of these two. Middleware for one path exactly is added as a route.
 * - Layers run as `router.handle(request, response, final)` finds them in `this.stack`.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { HttpServer as NestHttpAdapter } from '@nestjs/common'
import type { OnArrival, Platform } from './arrival.ts'
import { PendingUpgrade } from './pending-upgrade.ts'

type Next = (error?: unknown) => void
type Handle = (request: IncomingMessage, response: ServerResponse, next: Next) => void

type AddMiddleware = Exclude<ReturnType<NestHttpAdapter['createMiddlewareFactory']>, Promise<unknown>>

interface Layer {
  readonly route?: object
  readonly name: string
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

/** Runs Express for upgrades, past its routes: a gateway and a controller may have the same path. */
export class ExpressPlatform implements Platform {
  readonly #app: Application
  readonly #middlewareRoutes = new WeakSet<object>()

  constructor(adapter: NestHttpAdapter, onArrival: OnArrival) {
    this.#app = adapter.getInstance()
    this.#watchMiddleware(adapter)
    this.#addLayer(adapter, onArrival)
  }

  run(request: IncomingMessage, response: ServerResponse): void {
    const { router } = this.#app
    const stack = router.stack.filter((layer) => this.#isForUpgrades(layer))
    const routeless = Object.create(router, { stack: { value: stack } })
    const app: Application = Object.create(this.#app, { router: { value: routeless } })
    app.handle(request, response)
  }

  #isForUpgrades({ route, name }: Layer): boolean {
    return route ? this.#middlewareRoutes.has(route) : name !== FILE_SERVER
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
  #addLayer(adapter: NestHttpAdapter, onArrival: OnArrival): void {
    const { setNotFoundHandler } = adapter
    adapter.setNotFoundHandler = (...args) => {
      this.#app.use((request, response, next) => {
        if (!PendingUpgrade.of(request)) return next()
        onArrival({ request, args: [request, response, next], takeOver: nothingToFinish }).catch(next)
      })
      return setNotFoundHandler?.apply(adapter, args)
    }
  }
}

/** What middleware wants to do to a response, it does when that ends. */
async function nothingToFinish(): Promise<void> {}
