import type { IncomingMessage } from 'node:http'
import { ForbiddenException, type INestApplication, type LoggerService } from '@nestjs/common'
import type { UpgradeRequest, WebSocket } from '@upwire/core'
import { type Connections, DEFAULT_DEADLINE, type HandlerHooks, Route } from '@upwire/core/internal'
import type { ResolvedAdapterOptions } from './adapter-options.ts'
import type { Codec } from './codec.ts'
import { createEventHandler } from './event-handler.ts'
import { GatewayLifecycle, TURNED_AWAY } from './gateway-lifecycle.ts'
import { checkSharedOptions, type SortedOptions } from './gateway-options.ts'
import { GatewayServer } from './gateway-server.ts'
import { MessageDispatch } from './message-dispatch.ts'
import { type AskGuards, NestContexts } from './nest-contexts.ts'
import { messageHandlers } from './nest-internals.ts'
import type { RegisteredGateway } from './nest-types.ts'
import { keepRequest, REQUEST_READERS } from './upgrade-params.ts'

/** What a route is made of. */
export interface GatewayRouteOptions {
  readonly app: INestApplication
  readonly logger: Pick<LoggerService, 'error' | 'warn'>
  /** Those of the adapter: topics and limits are for all of its paths. */
  readonly connections: Connections
  /** As clients write it; undefined for every path. */
  readonly path: string | undefined
  readonly options: SortedOptions
  readonly defaults: Pick<ResolvedAdapterOptions, 'route' | 'upgradeGuards' | 'globalEnhancers' | 'shutdown'>
  readonly codec: Codec
}

/** What the gateways of a path make of it. */
interface Binding {
  readonly route: Route<unknown, UpgradeRequest>
  readonly lifecycle: GatewayLifecycle
  readonly guards: readonly AskGuards[]
  /** Whether neither a guard nor the option `data` decides about a handshake. */
  readonly asksNobody: boolean
  /** Whether a method of a gateway reads the request. */
  readonly keepsRequest: boolean
}

/** One path, with the gateways that serve it and their connections. */
export class GatewayRoute {
  readonly path: string | undefined
  readonly connections: Connections
  readonly server: GatewayServer
  readonly #clients = new Set<WebSocket>()
  readonly #logger: GatewayRouteOptions['logger']
  readonly #options: GatewayRouteOptions
  #bound: Binding
  #shutdown: Promise<void> | undefined

  constructor(options: GatewayRouteOptions) {
    const { logger, connections, path, codec } = options
    this.path = path
    this.connections = connections
    this.server = new GatewayServer({
      path,
      clients: this.#clients,
      connections,
      codec,
      onUserError: this.onUserError,
    })
    this.#logger = logger
    this.#options = options
    this.#bound = this.#bindAll([])
  }

  /** What decides about handshakes, and opens connections. */
  get route(): Route<unknown, UpgradeRequest> {
    return this.#bound.route
  }

  /** Whether handshakes need no word of a gateway. */
  get asksNobody(): boolean {
    return this.#bound.asksNobody
  }

  /** Says which gateways serve the path, before anybody connects. Throws a TypeError where their options differ. */
  bind(gateways: readonly RegisteredGateway[]): void {
    checkSharedOptions(gateways)
    this.#bound = this.#bindAll(gateways)
  }

  /** Asks the guards of all gateways, in order. Rejects with what the first one that says no has thrown. */
  async guard(args: unknown[]): Promise<void> {
    for (const ask of this.#bound.guards) {
      if (!(await ask(args))) throw new ForbiddenException('Forbidden resource')
    }
  }

  /** Told what user code throws or rejects with, of connections and before them. */
  readonly onUserError = (error: unknown, socket?: WebSocket): void => {
    if (error === TURNED_AWAY) return
    if (!socket || !this.#bound.lifecycle.report(error, socket)) this.#logger.error(error)
  }

  /**
   * Closes all connections, at the deadline whatever their peers do; resolves when the gateways have finished with every
   * one, which may take as long again. Called again it gives the same promise.
   */
  close(): Promise<void> {
    this.#shutdown ??= this.#shutDown()
    return this.#shutdown
  }

  async #shutDown(): Promise<void> {
    const { shutdown } = this.#options.defaults
    await this.connections.close(shutdown)
    const { deadline = DEFAULT_DEADLINE } = shutdown
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, deadline)
    })
    await Promise.race([this.#bound.lifecycle.over(), late])
    clearTimeout(timer)
    this.server.removeAllListeners()
  }

  #bindAll(gateways: readonly RegisteredGateway[]): Binding {
    const { app, logger, codec, connections, options, defaults } = this.#options
    const { globalEnhancers, upgradeGuards } = defaults
    const onFault = (error: unknown): void => this.onUserError(error)
    const dispatch = new MessageDispatch({ codec, onFault, onMistake: (mistake) => logger.warn(mistake) })
    const contexts = new NestContexts(app, {
      globalEnhancers,
      onFault,
      reply: (client, event, data) => dispatch.reply(client as WebSocket, { event, data }),
    })
    for (const gateway of gateways) {
      contexts.checkScope(gateway)
      for (const handler of messageHandlers(gateway)) {
        dispatch.add(handler.message, createEventHandler(contexts, gateway, handler))
      }
    }
    const guards = gateways.flatMap((gateway) => contexts.upgradeGuards(gateway, upgradeGuards) ?? [])
    const data = options.route.data ?? defaults.route.data
    const routeOptions = { ...options.route, data: data ?? identityOf }
    const handler = dispatch.isEmpty ? this.#start : this.#hooks(dispatch)
    return {
      route: new Route(connections, routeOptions, handler, defaults.route),
      lifecycle: new GatewayLifecycle(contexts, gateways, this.server),
      guards,
      asksNobody: data === undefined && guards.length === 0,
      keepsRequest: gateways.some((gateway) => contexts.reads(gateway, REQUEST_READERS)),
    }
  }

  #hooks(dispatch: MessageDispatch): HandlerHooks {
    return {
      open: (socket, request?: UpgradeRequest) => this.#open(socket, request!),
      message:
        this.#options.options.messageOrder === 'kept'
          ? (socket, data, isBinary) => dispatch.dispatch(socket, data, isBinary)
          : (socket, data, isBinary) => void dispatch.dispatch(socket, data, isBinary),
      close: (socket, code, reason) => {
        dispatch.closed(socket)
        this.#close(socket, code, reason)
      },
    }
  }

  /** Serves gateways that take no events, but may listen to the socket themselves: what arrives before is held. */
  readonly #start = (socket: WebSocket, request: UpgradeRequest): Promise<void> | undefined => {
    socket.once('close', (code, reason) => this.#close(socket, code, String(reason)))
    return this.#open(socket, request)
  }

  #open(socket: WebSocket, request: UpgradeRequest): Promise<void> | undefined {
    this.#clients.add(socket)
    if (this.#bound.keepsRequest) keepRequest(socket, request)
    return this.#bound.lifecycle.opened(socket, request)
  }

  #close(socket: WebSocket, code: number, reason: string): void {
    this.#clients.delete(socket)
    this.#bound.lifecycle.closed(socket, code, reason)
  }
}

/** Whom guards and middleware have found. */
function identityOf(request: IncomingMessage): unknown {
  return Reflect.get(request, 'user')
}
