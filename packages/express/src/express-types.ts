import type { Server } from 'node:http'
import type { Server as SecureServer } from 'node:https'
import type { Handler, RouteOptions } from '@upwire/core'
import type { Connections } from '@upwire/core/internal'
import type { Request, RequestHandler } from 'express'
import type { RouteParameters } from 'express-serve-static-core'

/** The defaults of an application's or a router's routes. */
export type UpwireOptions = RouteOptions<unknown, RouteRequest>

/** The connections of an application. Its methods may be passed on by themselves: `chat(app.websockets.publish)`. */
export type WebSockets = Pick<Connections, 'clients' | 'publish' | 'stats' | 'close'>

/** What Express takes as a path. */
export type RoutePath = string | RegExp | readonly (string | RegExp)[]

/** The opening handshake as middleware and handlers see it; `params` are those of the path. */
export type RouteRequest<Path extends RoutePath = string> = Request<PathParameters<Path>>

type PathParameters<Path extends RoutePath> = RouteParameters<Path extends string | RegExp ? Path : string>

/** Express middleware in front of a handler, also in arrays. What it does not pass on to `next()` is not connected. */
export type RouteMiddleware<Path extends RoutePath = string> =
  | RequestHandler<PathParameters<Path>>
  | readonly RouteMiddleware<Path>[]

/** Middleware, then one handler: a function `(socket, request) => …`, or an object of hooks. */
export type RouteHandlers<Path extends RoutePath, Data> = [
  ...middleware: RouteMiddleware<Path>[],
  handler: Handler<Data, RouteRequest<Path>>,
]

/** What `upwire()` gives to a router. */
export interface WebSocketRoutes {
  /**
   * Serves WebSocket connections on `path`, with the parameters, patterns and lists of paths that Express has.
   *
   * The opening handshake is a GET request that travels all of the application's middleware. What answers it refuses
   * the connection; headers that were set are sent with the 101. So a `get` route, or `express.static`, that answers
   * the same path has to come after. A GET request that is no handshake goes on to the next route.
   *
   * Throws a TypeError when the path, an option, middleware or the handler cannot be used.
   */
  ws<const Path extends RoutePath, Data = undefined>(path: Path, ...handlers: RouteHandlers<Path, Data>): this
  ws<const Path extends RoutePath, Data = undefined>(
    path: Path,
    options: RouteOptions<Data, RouteRequest<Path>>,
    ...handlers: RouteHandlers<Path, Data>
  ): this
}

/** What `upwire()` gives to an application. */
export interface WebSocketApplication extends WebSocketRoutes {
  /** The connections of this application, of all its servers and routers; a mounted one shares those of its parent. */
  readonly websockets: WebSockets
  /**
   * Serves the WebSocket routes on a server of your own; `listen()` does that by itself. Returns a function that undoes
   * it: connections stay, new ones are no longer taken. Upgrades of paths without a WebSocket route are left alone when
   * somebody else listens for them. The server's `close()` closes the connections too.
   */
  attach(server: Server | SecureServer): () => void
}
