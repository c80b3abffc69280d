import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { handshakeError } from '../handshake/handshake-error.ts'
import { requestPath } from '../handshake/opening-request.ts'
import type { Payload } from '../protocol/payload.ts'
import type { Handler } from '../routing/handler.ts'
import { type PathMatch, PathTable } from '../routing/path-table.ts'
import { Route } from '../routing/route.ts'
import { checkRouteOptions, type RouteOptions } from '../routing/route-options.ts'
import type { ParamsOf, UpgradeRequest } from '../routing/upgrade-request.ts'
import { claimStream } from '../websocket/stream-owner.ts'
import type { WebSocket } from '../websocket/websocket.ts'
import { type Attachment, attach } from './attach.ts'
import { type ConnectionStats, Connections } from './connections.ts'
import { errorPath, type OnError } from './error-path.ts'
import type { HttpServer } from './http-server.ts'
import { refuseFor } from './refuse.ts'
import { serve } from './serve.ts'
import type { ShutdownOptions } from './shutdown.ts'

/** The defaults of a router's routes, what all of them share, and where its errors go. */
export interface UpgradeRouterOptions extends RouteOptions {
  /**
   * Told of every error of your code, once: what a hook or handler threw or rejected with, where the handler has no
   * `error` hook. `socket` is undefined for one before the 101. Default: the stack goes to `console.error`.
   */
  onError?: OnError
}

type RequestOf<Path extends string> = UpgradeRequest<ParamsOf<Path>>

/**
 * WebSocket paths on an HTTP server you already have.
 *
 * ```ts
 * const router = new UpgradeRouter()
 * router.ws('/rooms/:room', {
 *   open: (socket) => socket.subscribe(socket.params.room),
 *   message: (socket, data) => socket.publish(socket.params.room, data),
 * })
 * router.attach(server)
 * ```
 *
 * How paths match: case, a trailing `/` and doubled slashes count; `:name` is one segment, `*` the rest.
 */
export class UpgradeRouter {
  readonly #connections: Connections
  readonly #defaults: RouteOptions
  readonly #onError: OnError
  readonly #routes = new PathTable<Route>()
  readonly #attachment: Attachment = {
    claims: (request) => this.#find(request) !== undefined,
    upgrade: (request, stream, head) => this.#serve(request, stream, head),
    serverClosing: () => void this.close(),
  }

  /** Throws a TypeError that names the option and says what it takes. */
  constructor({ onError, ...defaults }: UpgradeRouterOptions = {}) {
    checkRouteOptions(defaults)
    this.#connections = new Connections(defaults.maxConnections)
    this.#defaults = defaults
    this.#onError = errorPath(onError)
  }

  /** The open connections of all routes. */
  get clients(): ReadonlySet<WebSocket> {
    return this.#connections.clients
  }

  /**
   * Serves WebSockets at `path` with `handler`: a function, or an object of hooks. Returns the router. Throws a TypeError
   * when the path, an option or the handler cannot be used, or the router is closed.
   */
  ws<Path extends string, Data = undefined>(path: Path, handler: Handler<Data, RequestOf<Path>>): this
  ws<Path extends string, Data = undefined>(
    path: Path,
    options: RouteOptions<Data, RequestOf<Path>> | undefined,
    handler: Handler<Data, RequestOf<Path>>,
  ): this
  ws(path: string, ...rest: [Handler] | [RouteOptions | undefined, Handler]): this {
    this.#checkOpen('ws()')
    checkArguments(rest)
    const [options, handler] = rest.length === 1 ? [undefined, ...rest] : rest
    this.#routes.add(path, new Route(this.#connections, options, handler, this.#defaults))
    return this
  }

  /**
   * Listens to the server's upgrades, http or https, and returns how to stop that. Upgrades to other paths are left to
   * other listeners, and answered 404 when there are none. When the server closes, so does the router. Throws a TypeError
   * when `server` is none, when the router is attached to it already, or is closed.
   */
  attach(server: HttpServer): () => void {
    this.#checkOpen('attach()')
    return attach(server, this.#attachment)
  }

  /**
   * Serves one upgrade, for who has an 'upgrade' listener of their own instead of `attach`. A path without a route is
   * answered 404. Throws an Error when the stream was given to it before.
   */
  handleUpgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void {
    if (!claimStream(stream)) {
      throw new Error('This upgrade is handled already: either attach the router, or call handleUpgrade once')
    }
    this.#serve(request, stream, head)
  }

  /** Sends to every subscriber of the topic: text for a string, binary for bytes. Returns how many they were. */
  publish(topic: string, data: Payload): number {
    return this.#connections.publish(topic, data)
  }

  stats(): ConnectionStats {
    return this.#connections.stats()
  }

  /**
   * Ends all connections: a Close frame to each, 1001 unless `code` says otherwise, 503 for new upgrades; what has not
   * ended at the `deadline`, 5 s by default, is cut off. Resolves when all have ended; calling it again is harmless.
   * Throws a TypeError when the code cannot be sent.
   */
  close(options?: ShutdownOptions): Promise<void> {
    return this.#connections.close(options)
  }

  #serve(request: IncomingMessage, stream: Duplex, head: Buffer): void {
    const match = this.#find(request)
    if (!match) return refuseFor(handshakeError('UPWIRE_NO_ROUTE'), stream, request, this.#onError)
    const { value: route, params } = match
    serve(route, { request: Object.assign(request, { params }), stream, head }, this.#onError)
  }

  #find(request: IncomingMessage): PathMatch<Route> | undefined {
    const path = requestPath(request)
    return path === undefined ? undefined : this.#routes.find(path)
  }

  #checkOpen(method: string): void {
    if (this.#connections.state === 'open') return
    throw new TypeError(`${method}: this router is closed; make a new UpgradeRouter`)
  }
}

function checkArguments(rest: readonly unknown[]): void {
  const [first] = rest
  if (rest.length <= 1 || (rest.length === 2 && typeof first !== 'function')) return
  throw new TypeError('ws() takes options and one handler, in this order: ws(path, options, handler)')
}
