import type { IncomingMessage } from 'node:http'
import { type INestApplication, Logger } from '@nestjs/common'
import { AbstractWsAdapter } from '@nestjs/websockets'
import type { ConnectionStats, Payload, WebSocket } from '@upwire/core'
import {
  Connections,
  HandshakeError,
  type HttpServer,
  PendingHandshake,
  refuseFor,
  resolveRouteOptions,
  type Upgrade,
  UpgradeRejection,
} from '@upwire/core/internal'
import {
  checkParser,
  type ResolvedAdapterOptions,
  resolveAdapterOptions,
  type UpwireAdapterOptions,
} from './adapter-options.ts'
import type { Platform } from './arrival.ts'
import type { Codec, MessageParser } from './codec.ts'
import { isSameHost, normalizePath, sortOptions } from './gateway-options.ts'
import { createGatewayServer, type GatewayMatch, GatewayPort } from './gateway-port.ts'
import { GatewayRoute } from './gateway-route.ts'
import type { GatewayServer } from './gateway-server.ts'
import { UPWIRE_OPTIONS } from './module.ts'
import { findProvided, gatewaysOf, globalPrefixOf, isInitialized, versionPrefixOf } from './nest-internals.ts'
import { acceptAtOnce, PendingUpgrade } from './pending-upgrade.ts'
import { platformOf } from './platform.ts'

/** A port of gateways listens before the application's middleware is there. */
const NOT_READY = new UpgradeRejection(503, {
  headers: { 'Retry-After': '1' },
  body: 'The application is not ready yet',
})

/** What adapters of Nest bind to each connection; here a path does that, and asks none of these. */
const NOT_ASKED = [
  'bindClientConnect',
  'bindClientDisconnect',
  'bindMessageHandlers',
  'bindMessageHandler',
] as const

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
  /** What gateways without a codec of their own have: its parser may be changed at any time. */
  readonly #codec: Codec = {
    decode: (data) => this.#parser(data),
    encode: (response) => JSON.stringify(response),
  }

  constructor(app: INestApplication, options: UpwireAdapterOptions = {}) {
    checkApplication(app)
    super(app)
    checkOverrides(this)
    this.#app = app
    this.#options = resolveAdapterOptions({
      ...findProvided<UpwireAdapterOptions>(app, UPWIRE_OPTIONS),
      ...options,
    })
    this.#connections = new Connections(this.#options.route.maxConnections)
    this.#parser = this.#options.messageParser
    this.#platform = platformOf(app)
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

  /** Reads messages from now on, of gateways without a codec. Throws a TypeError for what is no function. */
  setMessageParser(parser: MessageParser): void {
    checkParser(parser)
    this.#parser = parser
  }

  /**
   * Called by Nest once for each path of a port. Throws an Error for a namespace, a TypeError for options or a path that
   * cannot be used.
   */
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
      options: sorted,
      defaults: this.#options,
      codec: sorted.codec ?? this.#codec,
    })
    gatewayPort.add(route)
    return route.server
  }

  /**
   * Called by Nest for each gateway. Its callback is not used: a path knows its gateways, and awaits their hooks, which
   * that would not.
   */
  override bindClientConnect(server: GatewayServer): void {
    this.#routeOf(server)?.bind(gatewaysOf(this.#app, server))
  }

  /** Does nothing, as `bindClientConnect`. */
  override bindClientDisconnect(): void {}

  /** Does nothing: handlers are bound to their path, once, and not to each connection. */
  override bindMessageHandlers(): void {}

  /**
   * Called by Nest for each path. The first call closes the connections of all of them, with 1001 or the code of the option
   * `shutdown`, and refuses new ones. Resolves when the gateways of this path have finished with theirs.
   */
  override async close(server: GatewayServer): Promise<void> {
    await this.#routeOf(server)?.close()
  }

  /** Leaves the application's server as it was, and closes those that gateways had for themselves. */
  override async dispose(): Promise<void> {
    for (const port of this.#ports.values()) port.detach()
    await Promise.all(this.#ownServers.map(closeServer))
    this.#ports.clear()
    this.#ownServers.length = 0
  }

  #routeOf(server: GatewayServer): GatewayRoute | undefined {
    const routes = [...this.#ports.values()].flatMap((port) => port.routes)
    return routes.find((route) => route.server === server)
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

  #serve(upgrade: Upgrade, match: GatewayMatch | undefined): void {
    const { request, stream } = upgrade
    if (!match) return this.#answerUnclaimed(upgrade)
    const refuse = (reason: unknown): void => refuseFor(reason, stream, request, match.gateway.onUserError)
    if (!isInitialized(this.#app)) return refuse(NOT_READY)
    const opening = match.gateway.route.check(request, stream)
    if (opening instanceof HandshakeError && !opening.cause) return refuse(opening)
    const isShort = match.gateway.asksNobody && this.#platform.isTransparent
    if (isShort && acceptAtOnce(upgrade, match, opening)) return
    this.#run(new PendingUpgrade(upgrade, match, opening), request)
  }

  /** What nobody claims gets the application's own answer: its 404, or the 401 that comes before. */
  #answerUnclaimed(upgrade: Upgrade): void {
    const { handshakeTimeout } = resolveRouteOptions(this.#options.route)
    this.#run(new PendingHandshake(upgrade, handshakeTimeout), upgrade.request)
  }

  #run(pending: PendingHandshake, request: IncomingMessage): void {
    this.#platform.run(request, pending.response)
    pending.watch()
  }

  /** A path as clients write it; undefined stands for every path, on a port of gateways. */
  #pathOf(port: number, { path = '', version }: Readonly<Record<string, unknown>>): string | undefined {
    if (port !== APPLICATION_PORT) return path === '' ? undefined : normalizePath(String(path))
    const prefix = this.#options.globalPrefix ? globalPrefixOf(this.#app) : ''
    return normalizePath(`${prefix}/${versionPrefixOf(this.#app, version)}/${path}`)
  }
}

function checkApplication(app: unknown): void {
  if (typeof Reflect.get(Object(app), 'getHttpAdapter') === 'function') return
  throw new TypeError(
    'UpwireAdapter takes an application of NestFactory.create, with an HTTP server: ' +
      'write app.useWebSocketAdapter(new UpwireAdapter(app))',
  )
}

function checkOverrides(adapter: UpwireAdapter): void {
  const own = NOT_ASKED.find(
    (name) => Reflect.get(adapter, name) !== Reflect.get(UpwireAdapter.prototype, name),
  )
  if (!own) return
  throw new TypeError(
    `${adapter.constructor.name} overrides ${own}, but UpwireAdapter binds gateways to their path, once; write a codec or ` +
      'a messageParser for messages, upgradeGuards or handleConnection for connections',
  )
}

function closeServer(server: HttpServer): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
