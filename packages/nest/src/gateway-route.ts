import type { IncomingMessage } from 'node:http'
import type { INestApplication, LoggerService } from '@nestjs/common'
import type { ShutdownOptions, UpgradeRequest, WebSocket } from '@upwire/core'
import { Connections, Route } from '@upwire/core/internal'
import type { Codec } from './codec.ts'
import { createEventHandler } from './event-handler.ts'
import { GatewayLifecycle, TURNED_AWAY } from './gateway-lifecycle.ts'
import type { SortedOptions } from './gateway-options.ts'
import { GatewayServer } from './gateway-server.ts'
import { MessageDispatch } from './message-dispatch.ts'
import { messageHandlers, NestContexts, type RegisteredGateway } from './nest-internals.ts'

/** What a route is made of. */
export interface GatewayRouteOptions {
  readonly app: INestApplication
  readonly logger: Pick<LoggerService, 'error' | 'warn'>
  /** As clients write it; undefined for every path. */
  readonly path: string | undefined
  /** The gateways of the path. */
  readonly gateways: readonly RegisteredGateway[]
  readonly options: SortedOptions
  readonly defaults: SortedOptions['route']
  readonly codec: Codec
  /** Whether what is global in the application applies to messages too. */
  readonly withGlobals: boolean
}

/** One path, with the gateways that serve it and their connections. */
export class GatewayRoute {
  readonly path: string | undefined
  readonly gateways: readonly RegisteredGateway[]
  readonly connections: Connections
  readonly server: GatewayServer
  readonly route: Route<unknown, UpgradeRequest>
  readonly #dispatch: MessageDispatch
  readonly #lifecycle: GatewayLifecycle
  readonly #logger: GatewayRouteOptions['logger']

  constructor({ app, logger, path, gateways, options, defaults, codec, withGlobals }: GatewayRouteOptions) {
    const onFault = (error: unknown): void => this.onUserError(error)
    const contexts = new NestContexts(app, {
      withGlobals,
      onFault,
      reply: (client, event, data) => this.#dispatch.reply(client as WebSocket, { event, data }),
    })
    this.path = path
    this.gateways = gateways
    this.#logger = logger
    this.connections = new Connections(defaults.maxConnections)
    this.server = new GatewayServer(path, this.connections, codec)
    this.#lifecycle = new GatewayLifecycle(contexts, gateways, this.server)
    this.#dispatch = new MessageDispatch({ codec, onFault, onMistake: (mistake) => logger.warn(mistake) })
    for (const gateway of gateways) {
      for (const handler of messageHandlers(gateway)) {
        this.#dispatch.add(handler.message, createEventHandler(contexts, gateway, handler))
      }
    }
    this.route = new Route(this.connections, options.route, this.#hooks(options), defaults)
  }

  /** Told what no filter has seen. */
  readonly onUserError = (error: unknown): void => {
    if (error !== TURNED_AWAY) this.#logger.error(error)
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

  #hooks({ messageOrder }: SortedOptions) {
    const dispatch = this.#dispatch
    const lifecycle = this.#lifecycle
    const dispatchAll = (socket: WebSocket, data: string | Buffer): void => {
      void dispatch.dispatch(socket, data)
    }
    return {
      open: (socket: WebSocket, request?: IncomingMessage) => {
        const begun = lifecycle.opened(socket, request as UpgradeRequest)
        this.server.emit('connection', socket, request as UpgradeRequest)
        return begun
      },
      message:
        messageOrder === 'kept'
          ? (socket: WebSocket, data: string | Buffer) => dispatch.dispatch(socket, data)
          : dispatchAll,
      close: (socket: WebSocket, code: number, reason: string) => lifecycle.closed(socket, code, reason),
    }
  }
}
