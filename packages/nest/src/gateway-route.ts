import type { IncomingMessage } from 'node:http'
import { ForbiddenException, type INestApplication, type LoggerService } from '@nestjs/common'
import type { ShutdownOptions, UpgradeRequest, WebSocket } from '@upwire/core'
import { type Connections, type HandlerHooks, Route } from '@upwire/core/internal'
import type { ResolvedAdapterOptions } from './adapter-options.ts'
import type { Codec } from './codec.ts'
import { createEventHandler } from './event-handler.ts'
import { GatewayLifecycle, TURNED_AWAY } from './gateway-lifecycle.ts'
import type { SortedOptions } from './gateway-options.ts'
import { GatewayServer } from './gateway-server.ts'
import { MessageDispatch } from './message-dispatch.ts'
import { NestContexts } from './nest-contexts.ts'
import { messageHandlers, type RegisteredGateway } from './nest-internals.ts'
import { keepRequest, REQUEST_READERS } from './upgrade-params.ts'

/** What a route is made of. */
export interface GatewayRouteOptions {
  readonly app: INestApplication
  readonly logger: Pick<LoggerService, 'error' | 'warn'>
  /** Those of the adapter: topics and limits are for all of its paths. */
  readonly connections: Connections
  /** As clients write it; undefined for every path. */
  readonly path: string | undefined
  /** The gateways of the path. */
  readonly gateways: readonly RegisteredGateway[]
  readonly options: SortedOptions
  readonly defaults: Pick<ResolvedAdapterOptions, 'route' | 'upgradeGuards' | 'globalEnhancers'>
  readonly codec: Codec
}

/** One path, with the gateways that serve it and their connections. */
export class GatewayRoute {
  readonly path: string | undefined
  readonly gateways: readonly RegisteredGateway[]
  readonly connections: Connections
  readonly server: GatewayServer
  readonly route: Route<unknown, UpgradeRequest>
  /** Whether neither a guard nor the option `data` decides about a handshake. */
  readonly asksNobody: boolean
  readonly #clients = new Set<WebSocket>()
  readonly #dispatch: MessageDispatch
  readonly #lifecycle: GatewayLifecycle
  readonly #logger: GatewayRouteOptions['logger']
  readonly #guards: readonly ((args: unknown[]) => Promise<boolean>)[]
  readonly #keepsRequest: boolean

  constructor({ app, logger, connections, path, gateways, options, defaults, codec }: GatewayRouteOptions) {
    const { globalEnhancers, upgradeGuards } = defaults
    const onFault = (error: unknown): void => this.onUserError(error)
    const contexts = new NestContexts(app, {
      globalEnhancers,
      onFault,
      reply: (client, event, data) => this.#dispatch.reply(client as WebSocket, { event, data }),
    })
    this.path = path
    this.gateways = gateways
    this.#logger = logger
    this.connections = connections
    this.server = new GatewayServer({ path, clients: this.#clients, connections, codec })
    this.#lifecycle = new GatewayLifecycle(contexts, gateways, this.server)
    this.#dispatch = new MessageDispatch({ codec, onFault, onMistake: (mistake) => logger.warn(mistake) })
    for (const gateway of gateways) {
      for (const handler of messageHandlers(gateway)) {
        this.#dispatch.add(handler.message, createEventHandler(contexts, gateway, handler))
      }
    }
    this.#guards = gateways.flatMap((gateway) => contexts.upgradeGuards(gateway, upgradeGuards) ?? [])
    this.#keepsRequest = gateways.some((gateway) => contexts.reads(gateway, REQUEST_READERS))
    const data = options.route.data ?? defaults.route.data
    this.asksNobody = data === undefined && this.#guards.length === 0
    const handler = this.#dispatch.isEmpty ? this.#start : this.#hooks(options)
    this.route = new Route(
      connections,
      { ...options.route, data: data ?? identityOf },
      handler,
      defaults.route,
    )
  }

  /** Asks the guards of all gateways, in order. Rejects with what the first one that says no has thrown. */
  async guard(args: unknown[]): Promise<void> {
    for (const ask of this.#guards) {
      if (!(await ask(args))) throw new ForbiddenException('Forbidden resource')
    }
  }

  /** Told what user code throws or rejects with, of connections and before them. */
  readonly onUserError = (error: unknown, socket?: WebSocket): void => {
    if (error === TURNED_AWAY) return
    if (!socket || !this.#lifecycle.report(error, socket)) this.#logger.error(error)
  }

  /** Closes all connections; resolves when the gateways have finished with every one, or at the deadline. */
  async close(options?: ShutdownOptions): Promise<void> {
    const { deadline = 5_000 } = options ?? {}
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, deadline)
    })
    await this.connections.close(options)
    await Promise.race([this.#lifecycle.over(), late])
    clearTimeout(timer)
    this.server.removeAllListeners()
  }

  #hooks({ messageOrder }: SortedOptions): HandlerHooks {
    const dispatch = this.#dispatch
    return {
      open: (socket, request?: UpgradeRequest) => this.#open(socket, request!),
      message:
        messageOrder === 'kept'
          ? (socket, data, isBinary) => dispatch.dispatch(socket, data, isBinary)
          : (socket, data, isBinary) => void dispatch.dispatch(socket, data, isBinary),
      close: (socket, code, reason) => this.#close(socket, code, reason),
    }
  }

  /** Serves gateways that take no events, but may listen to the socket themselves: what arrives before is held. */
  readonly #start = (socket: WebSocket, request: UpgradeRequest): Promise<void> | undefined => {
    socket.once('close', (code, reason) => this.#close(socket, code, String(reason)))
    return this.#open(socket, request)
  }

  #open(socket: WebSocket, request: UpgradeRequest): Promise<void> | undefined {
    this.#clients.add(socket)
    if (this.#keepsRequest) keepRequest(socket, request)
    const begun = this.#lifecycle.opened(socket, request)
    this.server.emit('connection', socket, request)
    return begun
  }

  #close(socket: WebSocket, code: number, reason: string): void {
    this.#clients.delete(socket)
    this.#lifecycle.closed(socket, code, reason)
  }
}

/** Whom guards and middleware have found. */
function identityOf(request: IncomingMessage): unknown {
  return Reflect.get(request, 'user')
}
