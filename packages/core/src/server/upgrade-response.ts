import { type ClientRequest, type IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import type { Rejection } from '../handshake/opening-response.ts'
import { endWithLinger } from './linger.ts'
import { makeInert, ownMethods } from './response-methods.ts'

/** Node has `getRawHeaderNames` on every outgoing message; its types only know it of requests. */
type OutgoingMessage = ServerResponse & Pick<ClientRequest, 'getRawHeaderNames'>

type Headers = readonly (readonly [name: string, value: string])[]

/** Says that the stream is free for the WebSocket, with the headers that middleware wants on the 101. */
type OnAccepted = (headers: Headers) => void

/**
 * - `pending`: nobody has answered. It may be accepted or refused.
 * - `answered`: the application sends a response of its own, or has sent it.
 * - `accepting`: the 101 is on its way through the application's own `end` and `writeHead`.
 * - `accepted`: the stream has been handed over.
 * - `expired`: it was refused for the application, which had not answered in time.
 * - `gone`: the peer has ended the stream before any of these.
 */
export type UpgradeResponseState = 'pending' | 'answered' | 'accepting' | 'accepted' | 'expired' | 'gone'

/** What middleware may have said about a body of its own. */
const BODY_HEADERS = [
  'Content-Encoding',
  'Content-Language',
  'Content-Length',
  'Content-Range',
  'Transfer-Encoding',
]

/**
 * Where Node writes the head of a 101. Ended into a stream, a response has every flag and emits every event of a sent
 * one; it is done with the stream at once, so that all share it.
 */
const nowhere = new Duplex({
  decodeStrings: false,
  read() {},
  write: (_chunk, _encoding, done) => done(),
})

/**
 * The response to an upgrade request while a framework's pipeline decides about it.
 *
 * To middleware it is the response of Node it always gets, bound to the stream: what answers it is sent as HTTP, and the
 * stream ends behind it. Accepting it ends it with status 101 the way an application would, so that everything that
 * hooks into the end of a response runs as for any other: sessions are saved, cookies are set, loggers log. Of that 101
 * Node writes nothing: its headers are handed to whoever writes the real one.
 */
export class UpgradeResponse {
  /**
   * What the pipeline is given. Frameworks replace the prototype of their responses, so what differs from Node's own
   * behaviour lies on the object itself.
   */
  readonly response: ServerResponse
  readonly #stream: Duplex
  #state: Exclude<UpgradeResponseState, 'answered' | 'gone'> = 'pending'
  /** Of the head that Node has made; `response.statusCode` may be changed behind it. */
  #headStatus: number | undefined
  #onAccepted: OnAccepted | undefined

  /** Throws `ERR_HTTP_SOCKET_ASSIGNED` while an earlier request on the stream still waits for its answer. */
  constructor(request: IncomingMessage, stream: Duplex) {
    this.response = new ServerResponse(request)
    this.#stream = stream
    this.response.shouldKeepAlive = false
    this.response.assignSocket(stream as Socket)
    ownMethods(this.response)
    this.response.writeHead = (...args: unknown[]) => this.#writeHead(args)
    this.response.end = (...args: unknown[]) => this.#end(args)
    this.response.on('finish', () => this.#finish())
  }

  get state(): UpgradeResponseState {
    if (this.#state === 'accepted' || this.#state === 'expired') return this.#state
    if (this.#stream.destroyed) return 'gone'
    return this.#state === 'pending' && this.response.headersSent ? 'answered' : this.#state
  }

  /**
   * Ends the response with 101 and then calls `onAccepted`: at once, or later when middleware holds the end back, as
   * session stores do. It is not called when middleware changes the status on the way, or the stream has ended.
   * Throws what middleware throws on the way; the response can then be answered as before.
   */
  accept(onAccepted: OnAccepted): void {
    const { response } = this
    const { statusCode } = response
    this.#state = 'accepting'
    this.#onAccepted = onAccepted
    response.statusCode = 101
    try {
      response.end()
    } catch (error) {
      if (this.#state === 'accepting') {
        this.#state = 'pending'
        response.statusCode = statusCode
      }
      throw error
    }
  }

  /** Answers with `rejection` through the application's own `end` and `writeHead`. */
  refuse(rejection: Rejection): void {
    this.response.end(this.#setHead(rejection))
  }

  /**
   * Answers with `rejection` at once, past everything that might hold the end back. What the application still does to
   * the response is ignored, since it could not know. An answer that is under way is left alone.
   */
  expire(rejection: Rejection): void {
    if (this.#state === 'accepting') this.#stream.destroy()
    else if (!this.response.headersSent) this.#endNow([this.#setHead(rejection)])
    else return
    this.#becomeInert('expired')
  }

  /** Sets all but the body, which is returned. */
  #setHead({ status, reason, headers = [], body = '' }: Rejection): string | Uint8Array {
    const { response } = this
    const lines = [...headers]
    response.statusCode = status
    response.statusMessage = reason ?? ''
    for (const name of BODY_HEADERS) response.removeHeader(name)
    if (body.length > 0) response.setHeader('Content-Type', 'text/plain; charset=utf-8')
    for (const [name] of lines) response.removeHeader(name)
    for (const [name, value] of lines) response.appendHeader(name, value)
    if (body.length > 0) response.setHeader('Content-Length', Buffer.byteLength(body))
    // Who sends Upgrade lists it in Connection (RFC 9110 §7.8).
    response.setHeader('Connection', response.hasHeader('Upgrade') ? 'Upgrade, close' : 'close')
    return body
  }

  #writeHead(args: unknown[]): ServerResponse {
    // Those given here are kept only beside others.
    if (this.#state === 'accepting' && args.length > 1) this.response.setHeader('Upgrade', 'websocket')
    Reflect.apply(ServerResponse.prototype.writeHead, this.response, args)
    this.#headStatus = this.response.statusCode
    return this.response
  }

  #end(args: unknown[]): ServerResponse {
    if (this.#state !== 'accepting') return this.#endNow(args)
    if (!this.response.headersSent) this.response.writeHead(this.response.statusCode)
    if (this.#headStatus === 101) return this.#upgrade()
    this.#state = 'pending'
    return this.#endNow(args)
  }

  #endNow(args: unknown[]): ServerResponse {
    return Reflect.apply(ServerResponse.prototype.end, this.response, args)
  }

  #upgrade(): ServerResponse {
    const { response } = this
    const headers = headersOf(response as OutgoingMessage)
    response.detachSocket(this.#stream as Socket)
    response.assignSocket(nowhere as Socket)
    this.#endNow([])
    response.detachSocket(nowhere as Socket)
    this.#becomeInert('accepted')
    if (!this.#stream.destroyed) this.#onAccepted?.(headers)
    return response
  }

  /** Before any other listener: loggers are to see what was sent. */
  #finish(): void {
    const { response } = this
    response.statusCode = this.#headStatus ?? response.statusCode
    if (response.socket === this.#stream) endWithLinger(this.#stream)
    else process.nextTick(announceClose, response)
  }

  #becomeInert(state: 'accepted' | 'expired'): void {
    this.#state = state
    makeInert(this.response)
  }
}

/** As Node does for a response that is sent on a connection that stays. */
function announceClose(response: ServerResponse): void {
  response.destroyed = true
  response.emit('close')
}

/** All headers, each with its name as it was written; a name with several values repeats. */
function headersOf(response: OutgoingMessage): [name: string, value: string][] {
  const headers: [name: string, value: string][] = []
  for (const name of response.getRawHeaderNames()) {
    const value = response.getHeader(name)
    if (Array.isArray(value)) headers.push(...value.map((one) => [name, one] as [string, string]))
    else headers.push([name, String(value)])
  }
  return headers
}
