import type { IncomingMessage } from 'node:http'
import { checkOriginRule, type OriginRule } from '../handshake/origin.ts'
import { checkSubprotocolRule, type SubprotocolRule } from '../handshake/subprotocol.ts'
import {
  checkPerMessageDeflateOptions,
  type PerMessageDeflateOptions,
  type PerMessageDeflateSettings,
  resolvePerMessageDeflate,
} from '../permessage-deflate/options.ts'
import { DEFAULT_LIMITS, type LimitOptions, type Limits, resolveLimits } from '../websocket/limits.ts'
import { isMessageMode, type MessageMode } from '../websocket/message-mode.ts'
import { checkMaxConnections, type MaxConnections } from './capacity.ts'
import { suggestion } from './nearest-name.ts'
import type { UpgradeRequest } from './upgrade-request.ts'

/** The options of a route and, given to a router, the defaults of its routes. */
export interface RouteOptions<Data = unknown, Request extends IncomingMessage = UpgradeRequest>
  extends LimitOptions {
  /** The subprotocols the server speaks, best first, or a function that picks one. Default: none (RFC 6455 §1.9). */
  subprotocols?: SubprotocolRule
  /** Which web pages may connect. Others: 403. Default `'same-origin'` (RFC 6455 §10.2). */
  origin?: OriginRule
  /** The most connections at once: of a route or, given to the router, of all its routes. Default: no limit. */
  maxConnections?: number | MaxConnections
  /** How long the decision before the 101 may take, in milliseconds. Longer: 503. 0 turns it off. Default 10 s. */
  handshakeTimeout?: number
  /**
   * Makes `socket.data` for a function handler, and may refuse, or set headers of the 101, as an `upgrade` hook may.
   * Default: undefined.
   */
  data?: (request: Request, headers: Headers) => Data | PromiseLike<Data>
  /**
   * `whole`: a message is delivered when it has arrived. `streamed`: each is read while it arrives, by the `stream` hook, a
   * 'stream' listener or `socket.streams()`. A `message` or a `stream` hook says the same by itself. Default `whole`.
   */
  messages?: MessageMode
  /** Whether messages may be compressed (RFC 7692), `true` or how; by default without memory per connection. Default false. */
  perMessageDeflate?: boolean | PerMessageDeflateOptions
}

/** `RouteOptions` with the defaults filled in. */
export interface ResolvedRouteOptions<Data, Request extends IncomingMessage> {
  readonly limits: Limits
  readonly subprotocols: SubprotocolRule | undefined
  readonly origin: OriginRule
  readonly maxConnections: number | MaxConnections | undefined
  readonly handshakeTimeout: number
  readonly perMessageDeflate: PerMessageDeflateSettings | undefined
  readonly messages: MessageMode | undefined
  readonly data: RouteOptions<Data, Request>['data']
}

type OwnOptions = Omit<RouteOptions, keyof LimitOptions>

const CHECKS: Readonly<Record<keyof OwnOptions, (value: unknown) => void>> = {
  subprotocols: (value) => checkSubprotocolRule(value as SubprotocolRule),
  origin: (value) => checkOriginRule(value as OriginRule),
  maxConnections: checkMaxConnections,
  handshakeTimeout: checkHandshakeTimeout,
  data: checkData,
  messages: checkMessages,
  perMessageDeflate: checkPerMessageDeflateOptions,
}

/** Of all options of a route. */
export const ROUTE_OPTION_NAMES: readonly string[] = [...Object.keys(CHECKS), ...Object.keys(DEFAULT_LIMITS)]

const DEFAULT_HANDSHAKE_TIMEOUT = 10_000

/** Throws a `TypeError` that names the option and says what it takes. */
export function checkRouteOptions(options: unknown): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new TypeError('The options must be an object such as { maxPayload: 65536 }')
  }
  for (const [name, value] of Object.entries(options)) {
    if (!ROUTE_OPTION_NAMES.includes(name)) {
      throw new TypeError(`There is no option ${name}${suggestion(name, ROUTE_OPTION_NAMES)}`)
    }
    if (value !== undefined && name in CHECKS) CHECKS[name as keyof OwnOptions](value)
  }
  resolveLimits(options)
}

/** Fills in what `options` leaves out; `maxConnections` has no default, since a router counts for itself. */
export function resolveRouteOptions<Data, Request extends IncomingMessage>(
  options: RouteOptions<Data, Request> = {},
  defaults: RouteOptions<Data, Request> = {},
): ResolvedRouteOptions<Data, Request> {
  checkRouteOptions(options)
  checkRouteOptions(defaults)
  return {
    limits: resolveLimits(options, resolveLimits(defaults)),
    subprotocols: options.subprotocols ?? defaults.subprotocols,
    origin: options.origin ?? defaults.origin ?? 'same-origin',
    maxConnections: options.maxConnections,
    handshakeTimeout: options.handshakeTimeout ?? defaults.handshakeTimeout ?? DEFAULT_HANDSHAKE_TIMEOUT,
    perMessageDeflate: resolvePerMessageDeflate(
      options.perMessageDeflate ?? defaults.perMessageDeflate ?? false,
    ),
    messages: options.messages ?? defaults.messages,
    data: options.data ?? defaults.data,
  }
}

function checkHandshakeTimeout(value: unknown): void {
  if (typeof value === 'number' && value >= 0) return
  throw new TypeError(
    `Option handshakeTimeout must be a time in milliseconds, 0 for none, not ${String(value)}`,
  )
}

function checkMessages(value: unknown): void {
  if (isMessageMode(value)) return
  throw new TypeError(`Option messages must be 'whole' or 'streamed', not ${String(value)}`)
}

function checkData(value: unknown): void {
  if (typeof value === 'function') return
  throw new TypeError(`Option data must be a function; write data: () => (${JSON.stringify(value)})`)
}
