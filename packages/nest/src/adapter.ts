import { type INestApplication, Logger } from '@nestjs/common'
import { AbstractWsAdapter } from '@nestjs/websockets'
import type { RouteOptions, ShutdownOptions } from '@upwire/core'
import {
  checkRouteOptions,
  HandshakeError,
  type HttpServer,
  handshakeError,
  refuseFor,
  type Upgrade,
  UpgradeResponse,
} from '@upwire/core/internal'
import type { Arrival, Platform } from './arrival.ts'
import { type Codec, type MessageParser, parseJson } from './codec.ts'
import { normalizePath, sortOptions } from './gateway-options.ts'
import { createGatewayServer, type GatewayMatch, GatewayPort } from './gateway-port.ts'
import { GatewayRoute } from './gateway-route.ts'
import type { GatewayServer } from './gateway-server.ts'
import { findGateways, isInitialized, type RegisteredGateway } from './nest-internals.ts'
import { PendingUpgrade } from './pending-upgrade.ts'
import { platformOf } from './platform.ts'

/** The defaults of all gateways, and what they share. `maxConnections` counts for each path by itself. */
export interface UpwireAdapterOptions extends RouteOptions {
  /** Reads the messages of gateways without a codec. What returns nothing is dropped. Default: `JSON.parse`. */
  messageParser?: MessageParser
  /** How connections are ended when the application closes. */
  shutdown?: ShutdownOptions
}

/** The port that stands for the application's own server. */
const APPLICATION_PORT = 0

/**
 * Serves the gateways of a Nest application: `app.useWebSocketAdapter(new UpwireAdapter(app))`, before the application
 * listens. Throws a TypeError for an option that cannot be used.
 */
export class UpwireAdapter extends AbstractWsAdapter {
  protected readonly logger: Logger = new Logger(UpwireAdapter.name)
  readonly #app: INestApplication
  readonly #defaults: RouteOptions
  readonly #shutdown: ShutdownOptions | undefined
  readonly #platform: Platform
  readonly #ports = new Map<number, GatewayPort>()
  readonly #ownServers: HttpServer[] = []
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
    const { messageParser = parseJson, shutdown, ...defaults } = options
    checkRouteOptions(defaults)
    this.#app = app
    this.#defaults = defaults
    this.#shutdown = shutdown
    this.#parser = messageParser
    this.#platform = platformOf(app, (arrival) => this.#arrive(arrival))
  }

  /** Reads messages from now on, of gateways without a codec. */
  setMessageParser(parser: MessageParser): void {
    this.#parser = parser
  }

  /** Called by Nest once for each path of a port. */
  override create(port: number, options: Record<string, unknown> = {}): GatewayServer {
    const { namespace, path: given, ...rest } = options
    if (namespace) {
      throw new Error(
        `UpwireAdapter knows no namespaces: write @WebSocketGateway({ path: '/${String(namespace).replace(/^\//, '')}' })`,
      )
    }
    const path = pathOf(port, given)
    const gatewayPort = this.#portOf(port)
    const existing = gatewayPort.find(path)
    if (existing) return existing.server
    const sorted = sortOptions(rest)
    const route = new GatewayRoute({
      app: this.#app,
      logger: this.logger,
      path,
      gateways: this.#gatewaysAt(port, path),
      options: sorted,
      defaults: this.#defaults,
      codec: sorted.codec ?? this.#codec,
      withGlobals: false,
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
    await routes.find((route) => route.server === server)?.close(this.#shutdown)
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
      (gateway) => gateway.port === port && pathOf(port, gateway.options.path) === path,
    )
  }

  /** What nobody claims gets the application's own answer: its 404, or the 401 that comes before. */
  #serve(upgrade: Upgrade, match: GatewayMatch | undefined): void {
    const { request, stream } = upgrade
    if (!match) return this.#platform.run(request, new UpgradeResponse(request, stream).response)
    const refuse = (reason: unknown): void => refuseFor(reason, stream, request, match.gateway.onUserError)
    if (!isInitialized(this.#app)) return refuse(handshakeError('UPWIRE_SHUTTING_DOWN'))
    const opening = match.gateway.route.check(request, stream)
    if (opening instanceof HandshakeError) return refuse(opening)
    this.#platform.run(request, new PendingUpgrade(upgrade, match, opening).response)
  }

  async #arrive({ request, takeOver }: Arrival): Promise<void> {
    await PendingUpgrade.of(request)?.open(takeOver)
  }
}

/** A path as clients write it; undefined stands for every path, on a port without other gateways. */
function pathOf(port: number, given: unknown): string | undefined {
  if (typeof given === 'string' && given !== '') return normalizePath(given)
  return port === APPLICATION_PORT ? '/' : undefined
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
