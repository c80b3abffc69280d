import { checkRouteOptions, type HttpServer } from '@upwire/core/internal'
import type { Application as ExpressApplication, Router as ExpressRouter } from 'express'
import { type Application, isApplication, isRouter, type Router, watchMounts } from './express-internals.ts'
import type { UpwireOptions, WebSocketApplication, WebSocketRoutes } from './express-types.ts'
import { Host } from './host.ts'
import { addRoute } from './websocket-route.ts'

const upwired = new WeakSet<object>()

/**
 * Gives an Express application, or a router, WebSocket routes: `const app = upwire(express())`. It is the same object
 * with methods of its own; nothing of Express itself is changed, and other applications know nothing of it.
 *
 * `options` are the defaults of its routes; those of an application also of the routers in it. An application that is
 * mounted in another one is given to `upwire()` too, before it is mounted. Throws a TypeError for what is neither
 * application nor router, or is mounted already, and for an option that cannot be used.
 */
export function upwire<App extends ExpressApplication>(
  app: App,
  options?: UpwireOptions,
): App & WebSocketApplication
export function upwire<Mountable extends ExpressRouter>(
  router: Mountable,
  options?: UpwireOptions,
): Mountable & WebSocketRoutes
export function upwire(target: unknown, options?: UpwireOptions): unknown {
  if (!isApplication(target) && !isRouter(target)) throw new TypeError(misuse(target))
  if (upwired.has(target) && options === undefined) return target
  checkTarget(target, options)
  checkRouteOptions(options ?? {})
  upwired.add(target)
  Object.assign(target, {
    ws(path: unknown, ...rest: unknown[]) {
      addRoute(target, options ?? {}, path, rest)
      return target
    },
  })
  return isApplication(target) ? host(target, options ?? {}) : target
}

/** What an application has beyond a router: servers, and connections. */
function host(app: Application, options: UpwireOptions): Application {
  const { listen } = app
  const host = new Host(app, options)
  watchMounts(app)
  return Object.assign(app, {
    websockets: host.websockets,
    attach: (server: HttpServer) => host.attach(server),
    listen(...args: unknown[]) {
      const server = Reflect.apply(listen, app, args)
      host.attach(server)
      return server
    },
  })
}

function checkTarget(target: Application | Router, options: UpwireOptions | undefined): void {
  if (upwired.has(target)) {
    throw new TypeError('upwire() was called on this before: give its options to the first call')
  }
  if ('ws' in target) {
    throw new TypeError('This has a method ws() already: leave out what gave it that, such as express-ws')
  }
  if (isApplication(target)) {
    if (!target.parent) return
    throw new TypeError('This application is mounted already: write app.use(path, upwire(express()))')
  }
  if (options?.maxConnections === undefined) return
  throw new TypeError(
    'Option maxConnections counts the connections of an application or of a route: give it to upwire(app) or to ws()',
  )
}

function misuse(target: unknown): string {
  const given =
    typeof target === 'function' ? 'a function that may make one' : `a value of type ${typeof target}`
  return (
    `upwire() takes an Express application or router, not ${given}: ` +
    'write upwire(express()) or upwire(express.Router())'
  )
}
