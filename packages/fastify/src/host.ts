import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import {
  type Attachment,
  attach,
  type ConnectionRegistry,
  Connections,
  handshakeError,
  refuse,
  type ShutdownOptions,
  toRejection,
  UpgradeRejection,
} from '@upwire/core/internal'
import type { FastifyInstance } from 'fastify'
import { ConnectionLog } from './connection-log.ts'
import { PendingUpgrade } from './pending-upgrade.ts'
import type { PluginOptions } from './plugin-options.ts'
import { RoutePaths } from './route-paths.ts'
import { WebSocketServer } from './websocket-server.ts'

/** A server of the application's own may listen before the hooks of Fastify hold, and its schemas are compiled. */
const NOT_READY = new UpgradeRejection(503, {
  headers: { 'Retry-After': '1' },
  body: 'The application is not ready yet',
})

/** What an outermost registration makes: its connections, and its place at the server. Inner ones share it. */
export class Host implements Attachment {
  /** What nobody claims gets the application's own answer: its 404, or the 401 that comes before. */
  readonly answersUnclaimed = true
  readonly connections: Connections
  readonly websocketServer: WebSocketServer
  readonly paths: RoutePaths
  readonly log: ConnectionLog
  /** How long the hooks before the route is known may take, in milliseconds. */
  readonly handshakeTimeout: number
  readonly #app: FastifyInstance
  readonly #shutdown: ShutdownOptions | undefined
  #isReady = false

  constructor(app: FastifyInstance, options: PluginOptions) {
    this.#app = app
    this.#shutdown = options.shutdown
    this.connections = new Connections(options.routeDefaults.maxConnections)
    const detach = attach(options.server ?? app.server, this)
    this.websocketServer = new WebSocketServer(this.connections, options.clientTracking, detach)
    this.paths = new RoutePaths(app)
    this.log = new ConnectionLog(app)
    this.handshakeTimeout = options.handshakeTimeout
  }

  /** What routes enter their connections into. */
  get registry(): ConnectionRegistry {
    const { connections, log } = this
    return {
      budget: connections.budget,
      topics: connections.topics,
      admit: (request, stream) => connections.admit(request, stream),
      enter: (socket, stream) => connections.enter(socket, stream),
      leave(socket, code, messages) {
        connections.leave(socket, code)
        log.closed(socket as Parameters<ConnectionLog['closed']>[0], code, messages)
      },
    }
  }

  /** From now on handshakes may pass. */
  ready(): void {
    this.#isReady = true
  }

  claims(request: IncomingMessage): boolean {
    return this.paths.has(request)
  }

  /** Gives the request to Fastify as it gets any other: with a response, and from the first hook on. */
  upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void {
    if (request.method !== 'GET') return refuse(stream, toRejection(handshakeError('UPWIRE_BAD_METHOD')))
    if (!this.#isReady) return refuse(stream, NOT_READY)
    const upgrade = new PendingUpgrade({ request, stream, head }, this.handshakeTimeout)
    try {
      this.#app.routing(request, upgrade.response)
    } catch (error) {
      // Of what runs before Fastify has a request: rewriteUrl, genReqId, constraints.
      this.#app.log.error(error)
      upgrade.response.writeHead(500).end()
    }
    upgrade.watch()
  }

  serverClosing(): void {
    void this.shutDown()
  }

  shutDown(): Promise<void> {
    return this.websocketServer.close(this.#shutdown)
  }
}
