import type {
  FastifyInstance,
  FastifyReply,
  FastifyRequest,
  RouteOptions as FastifyRouteOptions,
} from 'fastify'
import fastifyPlugin from 'fastify-plugin'
import { addRoute, declareRoute, webSocketRouteOf } from './declare-route.ts'
import { ready } from './fastify-internals.ts'
import type { WebsocketHandler as Handler, UpwireOptions } from './fastify-types.ts'
import { Host } from './host.ts'
import { createInjectWS } from './inject-ws.ts'
import { PendingUpgrade } from './pending-upgrade.ts'
import { type PluginOptions, readPluginOptions } from './plugin-options.ts'
import { openScope, scopeOf } from './scope.ts'
import type { WebSocket as Socket } from './socket.ts'

/**
 * WebSocket routes for Fastify 5: `await app.register(upwire, options?)`.
 *
 * The routes of the context it is registered in, and of those nested in it, may be declared with `{ websocket: true }`,
 * with a `wsHandler`, or by `app.ws(path, options?, handler)`. An opening handshake is a request as any other to hooks,
 * schemas and decorators; what answers it refuses the connection. Registered again inside, it gives that context
 * defaults of its own, and shares the connections. Rejects with a TypeError for an option that cannot be used.
 */
async function plugin(app: FastifyInstance, given: UpwireOptions): Promise<void> {
  const options = readPluginOptions(given)
  if (given.options?.path) app.log.warn(PATH_WARNING)
  const outer = scopeOf(app)
  if (outer) checkInner(options)
  openScope(app, outer?.host ?? host(app, options), options)
}

/** In the words of @fastify/websocket, for programs that look for them in their log. */
const PATH_WARNING = "ws server path option shouldn't be provided, use a route instead"

/** By `require()` the plugin is the module, and its names are its properties, as those of @fastify/websocket are. */
export const upwire = named(fastifyPlugin(plugin, { fastify: '5.x', name: '@upwire/fastify' }))

/** The types that programs for @fastify/websocket find on what they import. */
export declare namespace upwire {
  export type RouteOptions = FastifyRouteOptions
  export type WebSocket = Socket
  export type WebsocketHandler = Handler
  export type WebsocketPluginOptions = UpwireOptions
}

function named<Plugin extends object>(
  registered: Plugin,
): Plugin & { default: Plugin; fastifyWebsocket: Plugin; upwire: Plugin } {
  return Object.assign(registered, { default: registered, fastifyWebsocket: registered, upwire: registered })
}

/** What the outermost registration gives to its context. */
function host(app: FastifyInstance, options: PluginOptions): Host {
  const server = options.server ?? app.server
  const host = new Host(app, options)
  app.decorate('websocketServer', host.websocketServer)
  app.decorate('injectWS', createInjectWS(app, server))
  app.decorate('ws', function (this: FastifyInstance, path: string, ...rest: unknown[]) {
    addRoute(this, path, rest)
    return this
  } as FastifyInstance['ws'])
  app.decorateRequest('ws', {
    getter(this: FastifyRequest) {
      return PendingUpgrade.of(this.raw) !== undefined
    },
  })
  app.addHook('onRoute', function (route) {
    declareRoute(this, route)
  })
  app.addHook('onRequest', checkUpgrade)
  // Later than every onReady hook, which the application may prepare itself in.
  app.addHook('onReady', (done) => {
    void ready(app).then(
      () => host.ready(),
      () => {},
    )
    done()
  })
  app.addHook('preClose', options.preClose ?? (() => host.shutDown()))
  app.addHook('onClose', async () => host.websocketServer.detach())
  return host
}

/** Before every other hook: only a handshake that may become a connection goes on, and none to a route for HTTP. */
function checkUpgrade(request: FastifyRequest, reply: FastifyReply, done: (error?: Error) => void): void {
  const upgrade = PendingUpgrade.of(request.raw)
  if (!upgrade) return done()
  const route = webSocketRouteOf(request)
  if (route) done(upgrade.check(route))
  else if (request.is404) done()
  else reply.callNotFound()
}

function checkInner({ preClose, server, shutdown }: PluginOptions): void {
  const name = Object.entries({ preClose, server, shutdown }).find(([, value]) => value !== undefined)?.[0]
  if (!name) return
  throw new TypeError(
    `Option ${name} is for all connections of an application: give it where the plugin is registered first`,
  )
}
