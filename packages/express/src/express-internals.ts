/**
 * Everything this package knows of Express beyond its documentation is in this file. The tests run it on Express 4 and 5.
 *
 * - A router is a function with its layers in `stack`, in the order in which they were added. An application's router is
 *   `app.router` in Express 5; in Express 4 it is `app._router`, undefined before the first route, and `app.router` throws.
 * - `layer.match(path)` tells whether a layer applies, and throws for a parameter that cannot be decoded. What it
 *   matched is then in `layer.path` (4), or the `path` of what it returns (5).
 * - `layer.route` is what `route(path)` returned, or undefined for middleware. Of middleware, `layer.handle` is the
 *   function; a mounted router is one, with its `stack`.
 * - `app.use(path, sub)` adds one layer that hides `sub`, and then emits 'mount' on it.
 * - Error middleware takes four arguments. Express calls what stands behind the failed layer, and goes on by `next()`; a
 *   request that has come to its end cannot fail again that way, for `next` has no layers left.
 * - `app(request, response)` calls `app.handle(request, response)`, which gives a final handler of its own to the
 *   `handle` of the application's router, unless it was called with a callback.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { HttpServer } from '@upwire/core'

export type Next = (error?: unknown) => void
export type Middleware = (request: IncomingMessage, response: ServerResponse, next: Next) => unknown
export type ErrorMiddleware = (error: unknown, ...args: Parameters<Middleware>) => unknown

type Handle = (request: IncomingMessage, response: ServerResponse, next?: Next) => unknown

interface Layer {
  readonly route?: { readonly stack: readonly Layer[] }
  readonly name?: string
  readonly handle: object
  readonly path?: string
  match(path: string): boolean | { path: string }
}

export interface Router extends Middleware {
  readonly stack: readonly Layer[]
  readonly handle: Middleware
  route(path: unknown): { get(...middleware: Middleware[]): unknown }
}

export interface Application extends Handle {
  readonly _router?: Router
  readonly router?: Router
  readonly parent?: Application
  readonly lazyrouter?: () => void
  handle: Handle
  listen(...args: unknown[]): HttpServer
  get(setting: string): unknown
  route: Router['route']
  on(event: 'mount', listener: (parent: Application) => void): unknown
}

/** Is told that nothing answered `request`; `final` is Express's own final handler. */
export type OnUnanswered = (
  error: unknown,
  request: IncomingMessage,
  response: ServerResponse,
  final: Next,
) => void

const mounted = new WeakMap<Layer, Application>()

export function isRouter(value: unknown): value is Router {
  return typeof value === 'function' && 'stack' in value && Array.isArray(value.stack) && 'handle' in value
}

export function isApplication(value: unknown): value is Application {
  return ['handle', 'set', 'listen', 'mountpath'].every(
    (name) => typeof value === 'function' && name in value,
  )
}

/** Lets `leadsTo` look into `app` from wherever it is mounted from now on. */
export function watchMounts(app: Application): void {
  app.on('mount', (parent) => {
    const layer = routerOf(parent)?.stack.at(-1)
    if (layer) mounted.set(layer, app)
  })
}

/**
 * Whether a request for `path` may come to one of `routes`: whatever middleware on the way does to it, but with the
 * prefixes, the parameters and the case that Express would match. Runs none of the application's code.
 */
export function leadsTo(root: Application | Router, path: string, routes: WeakSet<object>): boolean {
  return stackOf(root).some((layer) => layerLeadsTo(layer, path, routes))
}

/** Whether an error could come to error middleware, which takes four arguments. What cannot be looked into may have some. */
export function hasErrorMiddleware(root: Application | Router): boolean {
  return stackOf(root).some(takesErrors)
}

/** The error middleware that an error in one of `routes` comes to, in its order, for a request of `path`. */
export function errorMiddlewareBehind(
  root: Application | Router,
  path: string,
  routes: WeakSet<object>,
): ErrorMiddleware[] {
  const stack = stackOf(root)
  const at = stack.findIndex((layer) => layerLeadsTo(layer, path, routes))
  if (at === -1) return []
  const inner = innerOf(stack[at])
  const rest = restOf(path, matchedBy(stack[at], path) ?? '')
  const within = inner && rest !== undefined ? errorMiddlewareBehind(inner, rest, routes) : []
  const behind = stack
    .slice(at + 1)
    .filter((layer) => isErrorMiddleware(layer) && matchedBy(layer, path) !== undefined)
  return [...within, ...behind.map(({ handle }) => handle as ErrorMiddleware)]
}

/** Calls `onUnanswered` where Express would call its final handler. A request from a parent goes back to that as ever. */
export function onUnanswered(app: Application, onUnanswered: OnUnanswered): void {
  const { handle } = app
  const watched = (router: Router): Pick<Router, 'handle'> => ({
    handle: (request, response, final) =>
      router.handle(request, response, (error) => onUnanswered(error, request, response, final)),
  })
  const watchedApp: Application = Object.create(app, {
    _router: { get: () => app._router && watched(app._router) },
    router: { get: () => app.router && watched(app.router) },
  })
  app.handle = (request, response, next) =>
    next ? handle.call(app, request, response, next) : handle.call(watchedApp, request, response)
}

function routerOf(app: Application): Router | undefined {
  return app.lazyrouter ? app._router : app.router
}

function stackOf(root: Application | Router): readonly Layer[] {
  return (isApplication(root) ? routerOf(root)?.stack : root.stack) ?? []
}

/** The router or application that is mounted in a layer. */
function innerOf(layer: Layer): Application | Router | undefined {
  const inner = mounted.get(layer) ?? layer.handle
  return isApplication(inner) || isRouter(inner) ? inner : undefined
}

function layerLeadsTo(layer: Layer, path: string, routes: WeakSet<object>): boolean {
  const matched = matchedBy(layer, path)
  if (matched === undefined) return false
  if (layer.route) return routes.has(layer.route)
  const inner = innerOf(layer)
  const rest = restOf(path, matched)
  return rest !== undefined && inner !== undefined && leadsTo(inner, rest, routes)
}

function takesErrors(layer: Layer): boolean {
  if (layer.route) return layer.route.stack.some(takesErrors)
  const inner = innerOf(layer)
  if (inner) return hasErrorMiddleware(inner)
  return layer.name === 'mounted_app' || isErrorMiddleware(layer)
}

function isErrorMiddleware({ handle }: Layer): boolean {
  return (handle as Middleware).length === 4
}

function matchedBy(layer: Layer, path: string): string | undefined {
  try {
    const match = layer.match(path)
    if (!match) return undefined
    return match === true ? layer.path : match.path
  } catch {
    return undefined
  }
}

/** What a router that is mounted at `prefix` sees of `path`; undefined when it is not asked. */
function restOf(path: string, prefix: string): string | undefined {
  const rest = path.slice(prefix.length)
  if (!path.startsWith(prefix)) return undefined
  if (rest === '') return '/'
  return rest.startsWith('/') ? rest : undefined
}
