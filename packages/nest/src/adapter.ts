import { type INestApplication, Logger } from '@nestjs/common'
import { AbstractWsAdapter } from '@nestjs/websockets'
import type { ConnectionStats, Payload, WebSocket } from '@upwire/core'
import {
  Connections,
  HandshakeDeadline,
  HandshakeError,
  type HttpServer,
  refuseFor,
  resolveRouteOptions,
  type Upgrade,
  UpgradeRejection,
  UpgradeResponse,
} from '@upwire/core/internal'
import {
  type ResolvedAdapterOptions,
  resolveAdapterOptions,
  type UpwireAdapterOptions,
} from './adapter-options.ts'
import type { Arrival, Platform } from './arrival.ts'
import type { Codec, MessageParser } from './codec.ts'
import { isSameHost, normalizePath, sortOptions } from './gateway-options.ts'
import { createGatewayServer, type GatewayMatch, GatewayPort } from './gateway-port.ts'
import { GatewayRoute } from './gateway-route.ts'
import type { GatewayServer } from './gateway-server.ts'
import { UPWIRE_OPTIONS } from './module.ts'
import {
  findGateways,
  findProvided,
  globalPrefixOf,
  isInitialized,
  type RegisteredGateway,
  versionPrefixOf,
} from './nest-internals.ts'
import { acceptAtOnce, PendingUpgrade } from './pending-upgrade.ts'
import { platformOf } from './platform.ts'

/** A port of gateways listens before the application's middleware is there. */
const NOT_READY = new UpgradeRejection(503, {
  headers: { 'Retry-After': '1' },
  body: 'The application is not ready yet',
})

/** The port that stands for the application's own server. */
const APPLICATION_PORT = 0

/**
 * Serves the gateways of a Nest application: `app.useWebSocketAdapter(new UpwireAdapter(app))`, before the application
 * listens. Throws a TypeError for an option that cannot be used.
 */
export class UpwireAdapter extends AbstractWsAdapter {
  protected readonly logger: Logger = new Logger(UpwireAdapter.name)
  readonly #app: INestApplication
  readonly #options: ResolvedAdapterOptions
  readonly #platform: Platform
  readonly #ports = new Map<number, GatewayPort>()
  readonly #ownServers: HttpServer[] = []
  readonly #connections: Connections
  #parser: MessageParser
  #gateways: readonly RegisteredGateway[] | undefined
  /** What gateways without a codec of their own have: its parser may be changed at any time. */
  readonly #codec: Codec = {
    decode: (data) => this.#parser(data),
    encode: (response) => JSON.stringify(response),
  }

  constructor(app: INestApplication, options: UpwireAdapterOptions = {}) {
    checkApplication(app)
    super(app)
    this.#app = app
    this.#options = resolveAdapterOptions({
      ...findProvided<UpwireAdapterOptions>(app, UPWIRE_OPTIONS),
      ...options,
    })
    this.#connections = new Connections(this.#options.route.maxConnections)
    this.#parser = this.#options.messageParser
    this.#platform = platformOf(app, (arrival) => this.#arrive(arrival))
  }

  /** The open connections of all gateways. */
  get clients(): ReadonlySet<WebSocket> {
    return this.#connections.clients
  }

  /** Sends to every socket that has called `subscribe(topic)`. Returns how many they were. */
  publish(topic: string, data: Payload): number {
    return this.#connections.publish(topic, data)
  }

  /** How the connections of all gateways are now, and totals since the start. */
  stats(): ConnectionStats {
    return this.#connections.stats()
  }

  /** Reads messages from now on, of gateways without a codec. */
  setMessageParser(parser: MessageParser): void {
    this.#parser = parser
  }

  /** Called by Nest once for each path of a port. */
  override create(port: number, options: Record<string, unknown> = {}): GatewayServer {
    const { namespace } = options
    if (namespace) {
      throw new Error(
        `UpwireAdapter knows no namespaces: write @WebSocketGateway({ path: '/${String(namespace).replace(/^\//, '')}' })`,
      )
    }
    const path = this.#pathOf(port, options)
    const gatewayPort = this.#portOf(port)
    const existing = gatewayPort.find(path)
    if (existing) return existing.server
    const sorted = sortOptions(options)
    if (port !== APPLICATION_PORT) sorted.route.origin ??= this.#options.route.origin ?? isSameHost
    const route = new GatewayRoute({
      app: this.#app,
      logger: this.logger,
      connections: this.#connections,
      path,
      gateways: this.#gatewaysAt(port, path),
      options: sorted,
      defaults: this.#options,
      codec: sorted.codec ?? this.#codec,
    })
    gatewayPort.add(route)
    return route.server
  }

  /** Does nothing: a path knows its gateways, and awaits their hooks, which Nest's own callback would not. */
  override bindClientConnect(): void {}

  /** Does nothing, as `bindClientConnect`. */
  override bindClientDisconnect(): void {}

  /** Does nothing: handlers are bound to their path, once, and not to each connection. */
  override bindMessageHandlers(): void {}

  /** Closes the connections of one path, with 1001. Resolves when the gateways have finished with them. */
  override async close(server: GatewayServer): Promise<void> {
    const routes = [...this.#ports.values()].flatMap((port) => port.routes)
    await routes.find((route) => route.server === server)?.close(this.#options.shutdown)
  }

  /** Leaves the application's server as it was, and closes those that gateways had for themselves. */
  override async dispose(): Promise<void> {
    for (const port of this.#ports.values()) port.detach()
    await Promise.all(this.#ownServers.map(closeServer))
    this.#ports.clear()
    this.#ownServers.length = 0
  }

  #portOf(port: number): GatewayPort {
    const known = this.#ports.get(port)
    if (known) return known
    const server = port === APPLICATION_PORT ? this.#app.getHttpServer() : this.#openServer(port)
    const opened = new GatewayPort(server, (upgrade, match) => this.#serve(upgrade, match))
    this.#ports.set(port, opened)
    return opened
  }

  #openServer(port: number): HttpServer {
    const server = createGatewayServer(port, (error) => this.logger.error(error))
    this.#ownServers.push(server)
    return server
  }

  #gatewaysAt(port: number, path: string | undefined): RegisteredGateway[] {
    this.#gateways ??= findGateways(this.#app)
    return this.#gateways.filter(
      (gateway) => gateway.port === port && this.#pathOf(port, gateway.options) === path,
    )
  }

  #serve(upgrade: Upgrade, match: GatewayMatch | undefined): void {
    const { request, stream } = upgrade
    if (!match) return this.#answerUnclaimed(upgrade)
    const refuse = (reason: unknown): void => refuseFor(reason, stream, request, match.gateway.onUserError)
    if (!isInitialized(this.#app)) return refuse(NOT_READY)
    const opening = match.gateway.route.check(request, stream)
    if (opening instanceof HandshakeError && !opening.cause) return refuse(opening)
    const isShort = match.gateway.asksNobody && this.#platform.isTransparent
    if (isShort && acceptAtOnce(upgrade, match, opening)) return
    const pending = new PendingUpgrade(upgrade, match, opening)
    this.#platform.run(request, pending.response)
    pending.watch()
  }

  /** What nobody claims gets the application's own answer: its 404, or the 401 that comes before. */
  #answerUnclaimed({ request, stream }: Upgrade): void {
    const response = new UpgradeResponse(request, stream)
    const { handshakeTimeout } = resolveRouteOptions(this.#options.route)
    const deadline = new HandshakeDeadline(response, handshakeTimeout)
    this.#platform.run(request, response.response)
    deadline.watch()
  }

  /** The middleware has let a request through: the guards are next. */
  async #arrive({ request, args, takeOver }: Arrival): Promise<void> {
    const pending = PendingUpgrade.of(request)
    if (!pending) return
    if (pending.fault) throw pending.fault
    const { gateway, params } = pending.match
    Object.assign(Object(args[0]), { params })
    await gateway.guard(args)
    takeIdentity(request, args)
    await pending.open(takeOver)
  }

  /** A path as clients write it; undefined stands for every path, on a port of gateways. */
  #pathOf(port: number, { path = '', version }: Readonly<Record<string, unknown>>): string | undefined {
    if (port !== APPLICATION_PORT) return path === '' ? undefined : normalizePath(String(path))
    const prefix = this.#options.globalPrefix ? globalPrefixOf(this.#app) : ''
    return normalizePath(`${prefix}/${versionPrefixOf(this.#app, version)}/${path}`)
  }
}

/** On Fastify guards see a request of its own, and leave there whom they have found. */
function takeIdentity(request: object, [guarded]: unknown[]): void {
  if (guarded === request || Reflect.has(request, 'user')) return
  const user: unknown = Reflect.get(Object(guarded), 'user')
  if (user !== undefined) Object.assign(request, { user })
}

function checkApplication(app: unknown): void {
  if (typeof Reflect.get(Object(app), 'getHttpAdapter') === 'function') return
  throw new TypeError(
    'UpwireAdapter takes a Nest application: write app.useWebSocketAdapter(new UpwireAdapter(app))',
  )
}

function closeServer(server: HttpServer): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
