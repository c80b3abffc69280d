import type { ClientRequest, OutgoingHttpHeaders } from 'node:http'
import type { RequestOptions } from 'node:https'
import type { PerMessageDeflateOptions } from '../permessage-deflate/options.ts'
import type { LimitOptions } from './limits.ts'
import type { MessageMode } from './message-mode.ts'
import type { ReceptionOptions } from './reception.ts'
import type { WebSocket } from './websocket.ts'

/** What the address decides, or the protocol. Given in options they are passed over, as in `ws`. */
type Decided = 'host' | 'hostname' | 'method' | 'path' | 'port' | 'protocol' | 'socketPath' | 'timeout'

/**
 * The options of a client: limits, what the opening handshake says, and every option of `http.request`, `https.request`
 * and `tls.connect` that the address does not decide: `agent`, `auth`, `ca`, `cert`, `key`, `createConnection`,
 * `localAddress`, `lookup`, `servername` and so on.
 */
export interface ClientOptions
  extends LimitOptions,
    ReceptionOptions,
    Omit<RequestOptions, Decided | 'headers'> {
  /** The subprotocols to ask for, best first (RFC 6455 §1.9). The server must choose one of them. Default: none. */
  subprotocols?: string | readonly string[]
  /** What `ws` calls `subprotocols`. */
  protocols?: string | readonly string[]
  /** Further headers of the opening handshake. Those of the handshake itself cannot be changed. */
  headers?: OutgoingHttpHeaders
  /** The `Origin` header. Default: none, since this is no web page. */
  origin?: string
  /** How long the opening handshake may take, redirects included, in milliseconds. 0 turns it off. Default 10 s. */
  handshakeTimeout?: number
  /** The longest head of a response that is read, in bytes. Default 16 KiB. */
  maxHeaderSize?: number
  /** Whether a redirect is followed. Default false: the handshake fails with UPWIRE_UNEXPECTED_RESPONSE. */
  followRedirects?: boolean
  /** The most redirects that are followed. Default 10. */
  maxRedirects?: number
  /**
   * What becomes of Authorization and Cookie headers when a redirect leads to another host, or out of TLS. `drop`: they
   * are left out. `ask`, as in `ws`: where there is a 'redirect' listener, they stay on the request that it is given, for
   * it to remove; else they are left out. Default `drop`.
   */
  redirectedCredentials?: 'drop' | 'ask'
  /** `true` connects to a server whatever its certificate says, and so to anybody in between. Default false. */
  dangerouslyIgnoreCertificate?: boolean
  /** 13 is RFC 6455. 8, a draft with the same frames, names the origin in a header of its own. Default 13. */
  protocolVersion?: 8 | 13
  /** Is given the request before it is sent, and must call `request.end()`. */
  finishRequest?: (request: ClientRequest, socket: WebSocket) => void
  /** Gives up the opening handshake. It has no effect on an open connection. */
  signal?: AbortSignal
  /**
   * Told of each error that the program's own listeners and callbacks throw, once; the connection then closes with 1011.
   * Default: it is thrown where nobody catches it, as Node does for an `EventTarget`: an 'uncaughtException'.
   */
  onError?: (error: unknown, socket: WebSocket) => void
  /** Fills in the masking key of each frame. Default: from a CSPRNG (RFC 6455 §5.3). */
  generateMask?: (mask: Buffer) => void
  /** `streamed`: each message is read while it arrives, by a 'stream' listener or `socket.streams()`. Default `whole`. */
  messages?: MessageMode
  /** Whether compression is offered (RFC 7692), `true` or how; by default without memory per connection. Default false. */
  perMessageDeflate?: boolean | PerMessageDeflateOptions
}
