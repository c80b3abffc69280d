import type { Message, VerifyClient, WebSocket } from '@upwire/core'
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
import { hasMessageSchema, MessageCodec, type MessageSchema } from './message-schema.ts'
import { receive, receiveValues, sendValues, textOf } from './message-socket.ts'
import type { OnSendRule } from './on-send.ts'
import { type CarriedRequest, PendingUpgrade, type UpgradeTarget } from './pending-upgrade.ts'
import type { SchemaRoute } from './schema-compilers.ts'
import type { Scope } from './scope.ts'
import type { WebSocket as FastifySocket } from './socket.ts'

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

/** All but `open`, which has more to do here. */
const HOOKS: Readonly<Record<Exclude<keyof CarriedHooks, 'open'>, true>> = {
  upgrade: true,
  message: true,
  stream: true,
  drain: true,
  close: true,
  error: true,
}
const HOOK_NAMES = Object.keys(HOOKS) as (keyof typeof HOOKS)[]

export interface RouteDeclaration {
  readonly style: RouteStyle
  readonly options: WebSocketRouteOptions
  readonly schema: MessageSchema | undefined
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
  readonly #schema: MessageSchema | undefined
  /** Made when all schemas are known. */
  #codec: MessageCodec | undefined

  constructor(
    instance: FastifyInstance,
    scope: Scope,
    { style, options, handler, schema }: RouteDeclaration,
  ) {
    const { host, verifyClient, errorHandler, routeDefaults } = scope
    const isCompatible = style === 'compatible'
    this.host = host
    this.onSend = isCompatible ? 'cookies' : 'all'
    this.isLenient = isCompatible
    this.verifyClient = verifyClient
    this.#instance = instance
    this.#errorHandler = errorHandler
    this.#schema = hasMessageSchema(schema) ? schema : undefined
    const defaults = isCompatible ? { subprotocols: firstOffered, ...routeDefaults } : routeDefaults
    this.route = new Route(
      host.registry,
      options as RouteOptions<unknown, CarriedRequest>,
      this.#carry(handler, style),
      defaults as RouteOptions<unknown, CarriedRequest>,
    )
    if (this.#checksMessages && this.route.settings.handling.messages === 'streamed') {
      throw new TypeError(
        "Messages that are streamed cannot be checked: leave schema.message out, or write messages: 'whole'",
      )
    }
  }

  /** With a schema for what is sent alone, messages are what they are. */
  get #checksMessages(): boolean {
    return this.#schema?.message !== undefined
  }

  /** For an instance whose plugins are all there. Throws, as Fastify does, for a schema that cannot be compiled. */
  compile(declared: SchemaRoute): void {
    if (this.#schema) this.#codec = new MessageCodec(this.#schema, this.#instance, declared)
  }

  prepare(request: FastifyRequest, reply: FastifyReply): Report {
    return reportTo(this.#errorHandler, this.#instance, request, reply)
  }

  /** The handler as core runs it. */
  #carry(handler: WebSocketHandler, style: RouteStyle): CarriedHandler {
    resolveHandler(handler as Handler)
    if (typeof handler !== 'function') return this.#carryHooks(handler as CarriedHooks)
    const serve = (socket: WebSocket, request: CarriedRequest): unknown => {
      this.#begin(socket, request, 'listeners')
      return handler.call(this.#instance, socket as FastifySocket, request)
    }
    if (style === 'upwire') return serve
    return (socket, request) => {
      const report = PendingUpgrade.of(request.raw)?.report
      if (!report) return serve(socket, request)
      return runCompatibly(() => serve(socket, request), socket, report, this.#errorHandler)
    }
  }

  #carryHooks(hooks: CarriedHooks): CarriedHooks {
    const carried: CarriedHooks = {}
    for (const name of HOOK_NAMES) {
      if (hooks[name]) Object.assign(carried, { [name]: hooks[name].bind(hooks) })
    }
    if (this.#checksMessages && hooks.message) {
      carried.message = (socket: WebSocket, data: Message, isBinary: boolean): unknown => {
        const deliver = (value: unknown) => hooks.message?.(socket, value as Message, false)
        return this.#codec && receive(this.#codec, socket, textOf(data, isBinary), deliver)
      }
    }
    carried.open = (socket: WebSocket, request?: CarriedRequest): unknown => {
      if (request) this.#begin(socket, request, 'hooks')
      return hooks.open?.(socket)
    }
    return carried
  }

  #begin(socket: WebSocket, request: FastifyRequest, takers: 'listeners' | 'hooks'): void {
    const { websocketServer, log } = this.host
    log.opened(socket, request)
    if (this.#codec) sendValues(this.#codec, socket)
    if (this.#codec && this.#checksMessages && takers === 'listeners') receiveValues(this.#codec, socket)
    if (websocketServer.listenerCount('connection') > 0) {
      websocketServer.emit('connection', socket as FastifySocket, request.raw)
    }
  }
}

function firstOffered([first]: readonly string[]): string {
  return first
}
