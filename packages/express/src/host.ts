import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import {
  type Attachment,
  attach,
  Connections,
  type HttpServer,
  handshakeError,
  logError,
  refuse,
  requestPath,
  resolveRouteOptions,
  settle,
  toRejection,
} from '@upwire/core/internal'
import {
  type Application,
  errorMiddlewareBehind,
  hasErrorMiddleware,
  leadsTo,
  type Next,
  onUnanswered,
} from './express-internals.ts'
import type { UpwireOptions, WebSockets } from './express-types.ts'
import { PendingUpgrade, type UpgradeHost } from './pending-upgrade.ts'
import { upgradeRequired, webSocketRoutes } from './websocket-route.ts'

const hosts = new WeakMap<Application, Host>()

/**
 * An application as what servers are given. It holds the connections of all routes that are reached through it, in
 * whatever router or application they were registered; one that is mounted shares those of its parent.
 */
export class Host implements Attachment, UpgradeHost {
  /** What nobody claims gets the application's own answer: its 404, or the 401 that comes before. */
  readonly answersUnclaimed = true
  /** The defaults of every route. */
  readonly options: UpwireOptions
  readonly handshakeTimeout: number
  readonly websockets: WebSockets
  readonly #app: Application
  #connections: Connections

  constructor(app: Application, options: UpwireOptions) {
    this.options = options
    this.handshakeTimeout = resolveRouteOptions(options).handshakeTimeout
    this.websockets = this.#createWebSockets()
    this.#app = app
    this.#connections = new Connections(options.maxConnections)
    hosts.set(app, this)
    onUnanswered(app, (...unanswered) => this.#answer(...unanswered))
  }

  get connections(): Connections {
    const { parent } = this.#app
    return (parent && hosts.get(parent)?.connections) ?? this.#connections
  }

  get errorLog(): ((error: unknown) => void) | undefined {
    return hasErrorMiddleware(this.#app) ? undefined : this.#logError
  }

  attach(server: HttpServer): () => void {
    const detach = attach(server, this)
    if (this.#connections.state !== 'open') this.#connections = new Connections(this.options.maxConnections)
    return detach
  }

  claims(request: IncomingMessage): boolean {
    const path = requestPath(request)
    return path !== undefined && leadsTo(this.#app, path, webSocketRoutes)
  }

  reportAgain(error: unknown, request: IncomingMessage, response: ServerResponse): void {
    const path = requestPath(request) ?? ''
    const behind = errorMiddlewareBehind(this.#app, path, webSocketRoutes)
    const fail: Next = (failure) => {
      if (!failure) return
      const middleware = behind.shift()
      if (!middleware) return this.#logError(failure)
      settle(
        () => middleware(failure, request, response, fail),
        (thrown) => fail(thrown || new Error(`Error middleware failed with ${thrown}`)),
      )
    }
    fail(error)
  }

  /** Gives the request to Express as it gets any other: with a response, and from the first middleware on. */
  upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void {
    if (request.method !== 'GET') return refuse(stream, toRejection(handshakeError('UPWIRE_BAD_METHOD')))
    const upgrade = new PendingUpgrade({ request, stream, head }, this)
    this.#app(request, upgrade.response)
    upgrade.watch()
  }

  serverClosing(): void {
    void this.#connections.close()
  }

  #createWebSockets(): WebSockets {
    const host = this
    return {
      get clients() {
        return host.connections.clients
      },
      publish: (topic, data) => this.connections.publish(topic, data),
      stats: () => this.connections.stats(),
      close: (options) => this.connections.close(options),
    }
  }

  /** Leaves all to Express, but for two: behind a 101 it would destroy the stream, and 404 is not true of our paths. */
  #answer(error: unknown, request: IncomingMessage, response: ServerResponse, final: Next): void {
    if (PendingUpgrade.of(request)?.isAccepted) return this.#logError(error)
    if (error || !upgradeRequired.has(request) || response.headersSent) return final(error)
    const { status, headers, message } = handshakeError('UPWIRE_UPGRADE_REQUIRED')
    response.writeHead(status, { ...headers, 'Content-Type': 'text/plain; charset=utf-8' })
    response.end(message)
  }

  /** As Express does. */
  readonly #logError = (error: unknown): void => {
    if (error && this.#app.get('env') !== 'test') logError(error)
  }
}
