import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { HandshakeError, type HandshakeErrorCode, handshakeError } from '../handshake/handshake-error.ts'
import { type OpeningRequest, readOpeningRequest } from '../handshake/opening-request.ts'
import { originAllowed } from '../handshake/origin.ts'
import { chooseSubprotocol } from '../handshake/subprotocol.ts'
import type { PerMessageDeflateSettings } from '../permessage-deflate/options.ts'
import type { MemoryBudget } from '../protocol/memory-budget.ts'
import type { TopicHub } from '../topics/topic-hub.ts'
import { type MessageMode, messageEventOf } from '../websocket/message-mode.ts'
import type { ConnectionSettings, Handling } from '../websocket/opening.ts'
import { isThenable } from '../websocket/user-code.ts'
import type { WebSocket } from '../websocket/websocket.ts'
import { addressOf, Capacity } from './capacity.ts'
import { type Decided, type Handler, type ResolvedHandler, resolveHandler } from './handler.ts'
import { inTime } from './in-time.ts'
import { isRejection, Refusal, refusalOf } from './refusal.ts'
import { type ResolvedRouteOptions, type RouteOptions, resolveRouteOptions } from './route-options.ts'
import type { UpgradeRequest } from './upgrade-request.ts'

/** What holds the connections of routes, as a route sees it. */
export interface ConnectionRegistry {
  readonly budget: MemoryBudget
  readonly topics: TopicHub
  /** Notes that a handshake begins on `stream`, or returns why none may. */
  admit(request: IncomingMessage, stream: Duplex): HandshakeErrorCode | undefined
  /** Makes the stream's handshake a connection. Throws a `HandshakeError` when there may be no more. */
  enter<Data>(socket: WebSocket<Data>, stream: Duplex): void
  readonly leave: <Data>(socket: WebSocket<Data>, code: number, messagesReceived: number) => void
}

/** What the application said to a handshake that may become a connection. */
export interface Agreement<Data> {
  /** Becomes `socket.data`. */
  readonly data: Data
  readonly protocol: string | undefined
  /** For the 101. */
  readonly headers: readonly (readonly [name: string, value: string])[]
}

export type Decision<Data> = Agreement<Data> | Refusal

/** The options and the handler of one path. Throws where it is made when one of them is wrong, and never again. */
export class Route<Data = unknown, Request extends IncomingMessage = UpgradeRequest> {
  readonly connections: ConnectionRegistry
  readonly settings: ConnectionSettings<Data>
  readonly handshakeTimeout: number
  readonly perMessageDeflate: PerMessageDeflateSettings | undefined
  readonly #options: ResolvedRouteOptions<Data, Request>
  readonly #handler: ResolvedHandler<Data, Request>
  readonly #capacity: Capacity | undefined

  constructor(
    connections: ConnectionRegistry,
    options: RouteOptions<Data, Request> | undefined,
    handler: Handler<Data, Request>,
    defaults?: RouteOptions<Data, Request>,
  ) {
    this.#handler = resolveHandler(handler)
    this.#options = resolveRouteOptions(options, defaults)
    const { limits, maxConnections, handshakeTimeout, perMessageDeflate } = this.#options
    if (options?.data && this.#handler.upgrade) {
      throw new TypeError('Option data and the upgrade hook both make socket.data; leave one of them out')
    }
    if (maxConnections !== undefined) this.#capacity = new Capacity(maxConnections)
    const { budget, topics } = connections
    const handling = withMode(this.#handler.handling, options?.messages, this.#options.messages)
    this.connections = connections
    this.handshakeTimeout = handshakeTimeout
    this.perMessageDeflate = perMessageDeflate
    this.settings = { role: 'server', limits, budget, topics, handling }
  }

  /**
   * Everything there is to know before the application is asked: whether more connections are taken, the checks of
   * RFC 6455 §4.2.1, the origin. Never throws. `stream` is counted until it closes, whatever the answer.
   */
  check(request: IncomingMessage, stream: Duplex = request.socket): OpeningRequest | HandshakeError {
    const refused =
      this.connections.admit(request, stream) ?? this.#capacity?.take(stream, addressOf(request))
    if (refused) return handshakeError(refused)
    const opening = readOpeningRequest(request)
    if (opening instanceof HandshakeError) return opening
    try {
      return originAllowed(this.#options.origin, request) ? opening : handshakeError('UPWIRE_FOREIGN_ORIGIN')
    } catch (fault) {
      return Object.assign(handshakeError('UPWIRE_UPGRADE_FAILED'), { cause: fault })
    }
  }

  /**
   * Picks the subprotocol and asks the `upgrade` hook or the `data` option, for at most `handshakeTimeout`. Neither throws
   * nor rejects.
   */
  decide(request: Request, opening: OpeningRequest): Decision<Data> | Promise<Decision<Data>> {
    const decision = this.#ask(request, opening)
    if (!(decision instanceof Promise)) return decision
    return inTime(decision, this.#options.handshakeTimeout).catch((late) => new Refusal(late))
  }

  #ask(request: Request, opening: OpeningRequest): Decision<Data> | Promise<Decision<Data>> {
    try {
      const protocol = chooseSubprotocol(opening.subprotocols, this.#options.subprotocols, request)
      const ask = this.#handler.upgrade ?? this.#options.data
      if (!ask) return { data: undefined as Data, protocol, headers: [] }
      const headers = new Headers()
      const conclude = (answer: Decided<Data>) =>
        isRejection(answer) ? refusalOf(answer) : { data: answer, protocol, headers: [...headers] }
      const answer = ask(request, headers)
      return isThenable(answer) ? Promise.resolve(answer).then(conclude).catch(refusalOf) : conclude(answer)
    } catch (reason) {
      return refusalOf(reason)
    }
  }

  /** What runs for a new connection: the function handler or the `open` hook, its request bound. */
  starter(request: Request): ((socket: WebSocket<Data>) => unknown) | undefined {
    const { start } = this.#handler
    return start && ((socket) => start(socket, request))
  }
}

/** A hook says how messages are delivered; where there is none, the options do. Throws where those of the route contradict it. */
function withMode<Data>(
  handling: Handling<Data>,
  own: MessageMode | undefined,
  resolved: MessageMode = 'whole',
): Handling<Data> {
  const { messages = resolved } = handling
  if (own !== undefined && own !== messages) {
    throw new TypeError(
      `Option messages is '${own}', but the handler has the hook ${messageEventOf(handling.messages)}; name it ${messageEventOf(own)}`,
    )
  }
  return { ...handling, messages }
}
