import type { IncomingMessage } from 'node:http'
import { checkOriginRule, type OriginRule } from '../handshake/origin.ts'
import {
  checkPerMessageDeflateOptions,
  type PerMessageDeflateOptions,
} from '../permessage-deflate/options.ts'
import type { LimitOptions } from '../websocket/limits.ts'
import type { ReceptionOptions } from '../websocket/reception.ts'
import { WebSocket } from '../websocket/websocket.ts'
import type { HttpServer } from './http-server.ts'

/** What `verifyClient` is asked about. */
export interface ClientInfo {
  readonly origin: string | undefined
  /** Whether the connection is encrypted. */
  readonly secure: boolean
  readonly req: IncomingMessage
}

/** What a client is told. Status and message count where it is not verified; 401 by default. */
export type Verdict = [verified: unknown, status?: number, message?: string, headers?: object]

/** Says whether a client may connect: by what it returns or, with two parameters, by what it calls back with. */
export type VerifyClient =
  | ((info: ClientInfo) => unknown)
  | ((info: ClientInfo, callback: (...verdict: Verdict) => void) => void)

/** The options of a `WebSocketServer`. */
export interface WebSocketServerOptions extends LimitOptions, ReceptionOptions {
  /** Listen on a port with an http server of its own. One of `port`, `server` and `noServer` is needed. */
  port?: number
  /** Where that server listens. Default: every address. */
  host?: string
  backlog?: number
  /** Take the upgrades of this server. */
  server?: HttpServer
  /** Take none but those given to `handleUpgrade`. */
  noServer?: boolean
  /** Accept only this path, exactly; others get 400. Default: any. */
  path?: string
  /** Keep `clients`, and wait for them when closing. Default true. */
  clientTracking?: boolean
  verifyClient?: VerifyClient
  /** Picks a subprotocol; false for none. Default: the first that the client offers. */
  handleProtocols?: (protocols: Set<string>, request: IncomingMessage) => string | false | undefined
  /** A class derived from `WebSocket` to make the connections of. */
  WebSocket?: new (
    address: null,
  ) => WebSocket
  /** Which web pages may connect. Others: 403. Default `'same-origin'`; `ws` lets every page in. */
  origin?: OriginRule
  /** How long `verifyClient` may take, in milliseconds. Longer: 503. 0 turns it off. Default 10 s. */
  handshakeTimeout?: number
  /**
   * Whether messages may be compressed (RFC 7692), `true` or how; by default without memory per connection. A client
   * whose offers cannot be accepted gets 400. Default false.
   */
  perMessageDeflate?: boolean | PerMessageDeflateOptions
  /** Told of each error that listeners and functions of yours throw, once. Default: the stack goes to `console.error`. */
  onError?: (error: unknown, socket: WebSocket | undefined) => unknown
}

const DEFAULTS = {
  clientTracking: true,
  noServer: false,
  origin: 'same-origin',
  handshakeTimeout: 10_000,
  perMessageDeflate: false,
  WebSocket,
} satisfies WebSocketServerOptions

export type ResolvedWebSocketServerOptions = WebSocketServerOptions &
  Required<Pick<WebSocketServerOptions, keyof typeof DEFAULTS>>

/**
 * Fills in what `options` leaves out, be it as undefined or as null. Throws a TypeError when they cannot be used, or not
 * together.
 */
export function resolveWebSocketServerOptions(
  options: WebSocketServerOptions,
): ResolvedWebSocketServerOptions {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value != null))
  const resolved: ResolvedWebSocketServerOptions = { ...DEFAULTS, ...given }
  const { port, server, noServer, origin, perMessageDeflate } = resolved
  if ([port !== undefined, server !== undefined, noServer].filter(Boolean).length !== 1) {
    throw new TypeError('One and only one of the "port", "server", or "noServer" options must be specified')
  }
  checkOriginRule(origin)
  checkPerMessageDeflateOptions(perMessageDeflate)
  return resolved
}
