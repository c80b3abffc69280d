import type { VerifyClient, WebSocket } from '@upwire/core'
import {
  type Handler,
  type HandlerHooks,
  Route,
  type RouteOptions,
  resolveHandler,
} from '@upwire/core/internal'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type Report, reportTo, runCompatibly } from './connection-errors.ts'
import type { ErrorHandler, WebSocketHandler, WebSocketRouteOptions } from './fastify-types.ts'
import type { Host } from './host.ts'
import type { OnSendRule } from './on-send.ts'
import type { CarriedRequest, UpgradeTarget } from './pending-upgrade.ts'
import type { Scope } from './scope.ts'

/**
 * How a route is served.
 *
 * - `upwire`: by `app.ws()`.
 * - `compatible`: declared as for @fastify/websocket, whose programs rely on more than its documentation says: a client
 *   gets the first subprotocol it asks for, needs no Host header, and is cut off when its handler fails.
 */
export type RouteStyle = 'upwire' | 'compatible'

type CarriedHandler = Handler<unknown, CarriedRequest>
type CarriedHooks = HandlerHooks<unknown, CarriedRequest>

const HOOKS = ['upgrade', 'message', 'drain', 'close', 'error'] as const satisfies (keyof CarriedHooks)[]

export interface RouteDeclaration {
  readonly style: RouteStyle
  readonly options: WebSocketRouteOptions
  readonly handler: WebSocketHandler
}

/** What a route's declaration comes to. Throws where it is made for what cannot be used, and never again. */
export class WebSocketRoute implements UpgradeTarget {
  readonly host: Host
  readonly route: Route<unknown, CarriedRequest>
  readonly onSend: OnSendRule
  readonly isLenient: boolean
  readonly verifyClient: VerifyClient | undefined
  readonly #instance: FastifyInstance
  readonly #errorHandler: ErrorHandler | undefined
  readonly #reports = new WeakMap<FastifyRequest, Report>()

  constructor(instance: FastifyInstance, scope: Scope, { style, options, handler }: RouteDeclaration) {
    const { host, verifyClient, errorHandler, routeDefaults } = scope
    const isCompatible = style === 'compatible'
    this.host = host
    this.onSend = isCompatible ? 'cookies' : 'all'
    this.isLenient = isCompatible
    this.verifyClient = verifyClient
    this.#instance = instance
    this.#errorHandler = errorHandler
    const defaults = isCompatible ? { subprotocols: firstOffered, ...routeDefaults } : routeDefaults
    this.route = new Route(
      host.registry,
      options as RouteOptions<unknown, CarriedRequest>,
      this.#carry(handler, style),
      defaults as RouteOptions<unknown, CarriedRequest>,
    )
  }

  /** Where the errors of one connection go. */
  reporter(request: FastifyRequest, reply: FastifyReply): Report {
    const report = reportTo(this.#errorHandler, this.#instance, request, reply)
    this.#reports.set(request, report)
    return report
  }

  /** The handler as core runs it. */
  #carry(handler: WebSocketHandler, style: RouteStyle): CarriedHandler {
    resolveHandler(handler as Handler)
    if (typeof handler !== 'function') return this.#carryHooks(handler as CarriedHooks)
    const serve = (socket: WebSocket, request: CarriedRequest): unknown => {
      this.#begin(socket, request)
      return handler.call(this.#instance, socket, request)
    }
    if (style === 'upwire') return serve
    return (socket, request) => {
      const report = this.#reports.get(request)
      if (!report) return serve(socket, request)
      return runCompatibly(() => serve(socket, request), socket, report, this.#errorHandler)
    }
  }

  #carryHooks(hooks: CarriedHooks): CarriedHooks {
    const carried: CarriedHooks = {}
    for (const name of HOOKS) {
      if (hooks[name]) Object.assign(carried, { [name]: hooks[name].bind(hooks) })
    }
    carried.open = (socket: WebSocket, request?: CarriedRequest): unknown => {
      if (request) this.#begin(socket, request)
      return hooks.open?.(socket)
    }
    return carried
  }

  #begin(socket: WebSocket, request: FastifyRequest): void {
    const { websocketServer, log } = this.host
    log.opened(socket, request)
    if (websocketServer.listenerCount('connection') > 0) {
      websocketServer.emit('connection', socket, request.raw)
    }
  }
}

function firstOffered([first]: readonly string[]): string {
  return first
}
