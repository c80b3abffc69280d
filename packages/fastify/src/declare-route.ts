import {
  type Handler,
  handshakeError,
  nearestName,
  ROUTE_OPTION_NAMES,
  type RouteOptions,
  resolveHandler,
} from '@upwire/core/internal'
import type {
  FastifyInstance,
  FastifyReply,
  FastifyRequest,
  RouteOptions as FastifyRouteOptions,
  RouteHandlerMethod,
} from 'fastify'
import type { WebSocketHandler, WebSocketRouteOptions } from './fastify-types.ts'
import { PendingUpgrade } from './pending-upgrade.ts'
import { scopeOf } from './scope.ts'
import { WebSocketRoute } from './websocket-route.ts'

/** On a declaration by `app.ws()`. */
const BY_WS = Symbol('upwire.byWs')

/** A route as it is declared, whatever stands where. */
interface Declared extends Omit<FastifyRouteOptions, 'handler' | 'websocket' | 'wsHandler' | 'config'> {
  handler: unknown
  websocket?: unknown
  wsHandler?: unknown
  config?: object
  prefix?: string
  routePath?: string
  [BY_WS]?: boolean
}

/** In the `config` of a route, which is part of what Fastify knows of a request. */
const WEBSOCKET_ROUTE = Symbol('upwire.websocketRoute')

const isHttpOnly = (method: string): boolean => method !== 'GET' && method !== 'HEAD'

/** The WebSocket route that Fastify has found for this request. */
export function webSocketRouteOf(request: FastifyRequest): WebSocketRoute | undefined {
  return Reflect.get(request.routeOptions.config, WEBSOCKET_ROUTE)
}

/**
 * The `onRoute` hook: makes a declaration with `websocket` or `wsHandler` one that Fastify understands. Throws an Error or
 * a TypeError for what cannot be used; the words are those of @fastify/websocket, for tests that compare them.
 */
export function declareRoute(instance: FastifyInstance, declared: Declared): void {
  const { websocket, wsHandler, method, handler } = declared
  const scope = scopeOf(instance)
  if (!scope || (!websocket && wsHandler === undefined)) return
  const methods = [method].flat()
  if (methods.some(isHttpOnly)) throw new Error('websocket handler can only be declared in GET method')
  if (wsHandler === undefined) declared.handler = answerNotFound
  if (!methods.includes('GET')) return
  if (!isHandler(wsHandler ?? handler)) throw new TypeError('invalid wsHandler function')
  const route = new WebSocketRoute(instance, scope, {
    style: declared[BY_WS] ? 'upwire' : 'compatible',
    options: typeof websocket === 'object' ? (websocket as WebSocketRouteOptions) : {},
    schema: declared.schema,
    handler: (wsHandler ?? handler) as WebSocketHandler,
  })
  if (wsHandler === undefined) declared.schema = { ...declared.schema, hide: true } as typeof declared.schema
  declared.config = { ...declared.config, [WEBSOCKET_ROUTE]: route }
  declared.handler = answerWith(declared.handler as RouteHandlerMethod)
  instance.addHook('onReady', async () => route.compile(declared))
  for (const path of pathsOf(declared)) scope.host.paths.add(path, declared.constraints)
}

/** Fastify serves the root of a prefix with and without the slash, and tells of one of them. */
function pathsOf({ url, prefix, routePath, prefixTrailingSlash }: Declared): string[] {
  const isBoth = prefix && routePath === '' && prefixTrailingSlash !== 'no-slash'
  return isBoth ? [url, `${url}/`] : [url]
}

/** `app.ws(path, options?, handler)`: options of Upwire and of Fastify lie side by side. */
export function addRoute(instance: FastifyInstance, path: unknown, rest: readonly unknown[]): void {
  const [options, handler] = rest.length > 1 ? rest : [{}, ...rest]
  if (typeof path !== 'string' || rest.length === 0 || rest.length > 2 || !isObject(options))
    throw new TypeError(USAGE)
  resolveHandler(handler as Handler)
  const [websocket, own] = sortOptions(options)
  instance.route({
    handler: answerUpgradeRequired,
    ...own,
    method: 'GET',
    url: path,
    exposeHeadRoute: false,
    schema: { hide: true, ...own.schema },
    websocket,
    wsHandler: handler,
    [BY_WS]: true,
  } as unknown as FastifyRouteOptions)
}

const USAGE =
  'ws() takes a path, options if there are any, and one handler: ' +
  "write app.ws('/chat', { maxPayload: 65536, preHandler: authenticate }, (socket, request) => {})"

/** Plugins may have options of routes too, so that only what looks like a slip of the hand is refused. */
function sortOptions(options: object): [RouteOptions, Partial<FastifyRouteOptions>] {
  const entries = Object.entries(options)
  const ours = entries.filter(([name]) => ROUTE_OPTION_NAMES.includes(name))
  const theirs = entries.filter(([name]) => !ROUTE_OPTION_NAMES.includes(name))
  for (const [name] of theirs) {
    const meant = FASTIFY_NAMES.includes(name) ? undefined : nearestName(name, ROUTE_OPTION_NAMES)
    if (meant) throw new TypeError(`ws(): there is no option ${name}; did you mean ${meant}?`)
  }
  return [Object.fromEntries(ours), Object.fromEntries(theirs)]
}

/** Names of Fastify's that are near to one of ours. */
const FASTIFY_NAMES = ['config', 'constraints']

function answerWith(http: RouteHandlerMethod): RouteHandlerMethod {
  return function (this: FastifyInstance, request: FastifyRequest, reply: FastifyReply): unknown {
    const upgrade = PendingUpgrade.of(request.raw)
    return upgrade ? upgrade.open(request, reply) : http.call(this, request, reply)
  }
}

function answerNotFound(_request: FastifyRequest, reply: FastifyReply): void {
  reply.code(404).send()
}

function answerUpgradeRequired(): never {
  throw handshakeError('UPWIRE_UPGRADE_REQUIRED')
}

function isHandler(value: unknown): boolean {
  return typeof value === 'function' || isObject(value)
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
