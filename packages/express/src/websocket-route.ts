import type { IncomingMessage } from 'node:http'
import { Connections, type Handler, Route, type RouteOptions } from '@upwire/core/internal'
import type { Application, Middleware, Router } from './express-internals.ts'
import type { RoutePath, RouteRequest } from './express-types.ts'
import { PendingUpgrade, type UpgradeHost } from './pending-upgrade.ts'

/** What Express made of each `ws()` call, to know our routes among its layers. */
export const webSocketRoutes = new WeakSet<object>()

/** Requests that came to a WebSocket path and are no opening handshake. */
export const upgradeRequired = new WeakSet<IncomingMessage>()

type RouteHandler = Handler<unknown, RouteRequest>
type Options = RouteOptions<unknown, RouteRequest>

/** Registers a WebSocket route on `router`, between the HTTP routes. Throws a TypeError for what cannot be used. */
export function addRoute(
  router: Application | Router,
  defaults: Options,
  path: unknown,
  rest: unknown[],
): void {
  checkPath(path)
  const { options, middleware, handler } = readArguments(rest)
  const definition = new RouteDefinition(options, handler, defaults)
  const route = router.route(path)
  webSocketRoutes.add(route)
  route.get(
    function checkUpgrade(request, _response, next) {
      const upgrade = PendingUpgrade.of(request)
      if (upgrade) return upgrade.check(definition.on(upgrade.host), next)
      upgradeRequired.add(request)
      next('route')
    },
    ...middleware,
    function openWebSocket(request, _response, next) {
      const upgrade = PendingUpgrade.of(request)
      upgrade?.open(definition.on(upgrade.host), request as RouteRequest, next).catch(next)
    },
  )
}

/** What `ws()` was given: a router does not know the application it will be reached through. */
class RouteDefinition {
  readonly #options: Options | undefined
  readonly #handler: RouteHandler
  readonly #defaults: Options
  readonly #routes = new WeakMap<Connections, Route<unknown, RouteRequest>>()

  constructor(options: Options | undefined, handler: RouteHandler, defaults: Options) {
    this.#options = options
    this.#handler = handler
    this.#defaults = defaults
    // Made in vain, for what cannot be used is to be known at once.
    this.#createRoute(new Connections(), {})
  }

  /** The route as it is for an application that holds its connections and has defaults of its own. */
  on({ connections, options }: UpgradeHost): Route<unknown, RouteRequest> {
    const route = this.#routes.get(connections) ?? this.#createRoute(connections, options)
    this.#routes.set(connections, route)
    return route
  }

  #createRoute(connections: Connections, hostOptions: Options): Route<unknown, RouteRequest> {
    return new Route(connections, this.#options, this.#handler, { ...hostOptions, ...this.#defaults })
  }
}

function checkPath(path: unknown): asserts path is RoutePath {
  const paths: unknown[] = Array.isArray(path) ? path : [path]
  const isPath = paths.every((each) => typeof each === 'string' || each instanceof RegExp)
  if (isPath && paths.length > 0) return
  throw new TypeError(
    "ws() takes a path first, or a list of paths: write app.ws('/chat', (socket, request) => {})",
  )
}

/** `(options?, ...middleware, handler)`; options and hooks are both objects, but a handler is always last. */
function readArguments(rest: unknown[]) {
  const [first] = rest
  const hasOptions = rest.length > 1 && typeof first === 'object' && first !== null && !Array.isArray(first)
  const middleware = rest.slice(hasOptions ? 1 : 0, -1).flat(Number.POSITIVE_INFINITY)
  for (const each of middleware) checkMiddleware(each)
  return {
    options: hasOptions ? first : undefined,
    middleware: middleware as Middleware[],
    handler: rest.at(-1) as RouteHandler,
  }
}

function checkMiddleware(middleware: unknown): void {
  if (typeof middleware === 'function') return
  throw new TypeError(
    `Between the path and the handler of ws() is middleware, functions (request, response, next) => {}, not ${typeof middleware}; ` +
      "options come first: write app.ws('/chat', { maxPayload: 65536 }, authenticate, handler)",
  )
}
