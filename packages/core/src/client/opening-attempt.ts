import type { ClientRequest, IncomingMessage, OutgoingHttpHeaders } from 'node:http'
import type { Duplex } from 'node:stream'
import { ConnectError } from '../handshake/connect-error.ts'
import { formatExtensions } from '../handshake/extension-offer.ts'
import { type Asked, type OpeningResponse, readOpeningResponse } from '../handshake/opening-response-check.ts'
import { codecFor } from '../permessage-deflate/codec.ts'
import { acceptResponse, offer } from '../permessage-deflate/negotiation.ts'
import { contextsLast } from '../permessage-deflate/open-context.ts'
import { type PerMessageDeflateSettings, resolvePerMessageDeflate } from '../permessage-deflate/options.ts'
import { ABNORMAL_CLOSE } from '../protocol/close-payload.ts'
import type { ClientOptions } from '../websocket/client-options.ts'
import type { Attempt, Terms } from '../websocket/connector.ts'
import type { Opening } from '../websocket/opening.ts'
import { ReadyState } from '../websocket/ready-state.ts'
import { settle } from '../websocket/user-code.ts'
import { openWebSocket, type WebSocket } from '../websocket/websocket.ts'
import { type Address, readAddress } from './address.ts'
import { type ResolvedClientOptions, resolveClientOptions } from './client-options.ts'
import { openRequest } from './open-request.ts'
import { ownHeaders, redirectedHeaders, requestHeaders } from './request-headers.ts'
import { quicken, termsFor } from './terms.ts'

/** RFC 6455 §4.1, item 7. */
const KEY_BYTES = 16

interface Agreed extends OpeningResponse {
  readonly compression?: Opening['compression']
}

/** One client's opening handshake: its requests, its deadline, and how it ends. */
export class OpeningAttempt implements Attempt {
  readyState: Attempt['readyState'] = ReadyState.CONNECTING
  readonly #socket: WebSocket
  readonly #options: ResolvedClientOptions
  readonly #terms: Terms
  readonly #deflate: PerMessageDeflateSettings | undefined
  #address: Address
  /** What the program says in its requests; some of it stays behind at a redirect. */
  #headers: OutgoingHttpHeaders
  #redirects = 0
  #request: ClientRequest | undefined
  #deadline: NodeJS.Timeout | undefined

  /** Throws for arguments that cannot be used; nothing has been sent then. */
  constructor(
    socket: WebSocket,
    address: string | URL,
    protocols: string | readonly string[] | ClientOptions | undefined,
    options: ClientOptions | undefined,
  ) {
    this.#socket = socket
    this.#options = resolveClientOptions(protocols, options)
    this.#address = readAddress(address)
    this.#headers = ownHeaders(this.#options, this.#address)
    this.#terms = termsFor('client', this.#options)
    const { perMessageDeflate = false, messages } = this.#options
    // What is read while it arrives has to be inflated so.
    const mayInflate = messages !== 'streamed' || contextsLast()
    this.#deflate = resolvePerMessageDeflate(mayInflate && perMessageDeflate)
  }

  get url(): string {
    return this.#address.url.href
  }

  get redirects(): number {
    return this.#redirects
  }

  get request(): ClientRequest | undefined {
    return this.#request
  }

  start(): void {
    const { handshakeTimeout, signal } = this.#options
    if (handshakeTimeout > 0) {
      this.#deadline = setTimeout(
        () => this.#fail(new ConnectError('UPWIRE_CONNECT_TIMEOUT')),
        handshakeTimeout,
      )
    }
    signal?.addEventListener('abort', this.#onSignal)
    try {
      if (signal?.aborted) this.#onSignal()
      else this.#send()
    } catch (error) {
      this.readyState = ReadyState.CLOSED
      this.#end()
      throw error
    }
  }

  abort(): void {
    this.#fail(new ConnectError('UPWIRE_CONNECT_ABORTED'))
  }

  userError(error: unknown): void {
    this.#terms.onUserError(error, this.#socket)
    this.abort()
  }

  readonly #onSignal = (): void => {
    this.#fail(new ConnectError('UPWIRE_CONNECT_ABORTED', { cause: this.#options.signal?.reason }))
  }

  #send(): void {
    const asked: Asked = {
      key: Buffer.from(crypto.getRandomValues(new Uint8Array(KEY_BYTES))).toString('base64'),
      subprotocols: this.#options.subprotocols,
      extensions: this.#deflate ? [offer(this.#deflate)] : [],
    }
    const headers = requestHeaders(this.#headers, asked, this.#options)
    const request = openRequest(this.#address, headers, this.#options)
    this.#request = request
    const ifCurrent = (act: () => void) => {
      if (request === this.#request) act()
    }
    request
      .on('error', (error) => ifCurrent(() => this.#fail(error)))
      .on('response', (response) => ifCurrent(() => this.#refused(request, response, asked)))
      .on('upgrade', (response, stream, head) => {
        this.#upgraded(response, stream, head, asked)
      })
    if (this.#redirects > 0) this.#tell(() => this.#socket.emit('redirect', this.url, request))
    if (this.#options.finishRequest) this.#options.finishRequest(request, this.#socket)
    else request.end()
  }

  /** What the server agreed to, or why the connection fails. */
  #agree(response: IncomingMessage, asked: Asked): Agreed | Error {
    const agreed = readOpeningResponse(response, asked)
    if (agreed instanceof Error || !this.#deflate) return agreed
    try {
      const agreement = acceptResponse(agreed.extensions, this.#deflate)
      return agreement ? { ...agreed, compression: codecFor(agreement, this.#deflate) } : agreed
    } catch (error) {
      return new ConnectError('UPWIRE_BAD_RESPONSE_EXTENSIONS', { cause: error })
    }
  }

  #upgraded(response: IncomingMessage, stream: Duplex, head: Buffer, asked: Asked): void {
    this.#tell(() => this.#socket.emit('upgrade', response))
    const agreed = this.#agree(response, asked)
    if (agreed instanceof Error) this.#fail(agreed)
    // The listener may have given up.
    const isOver = this.readyState !== ReadyState.CONNECTING
    if (isOver || agreed instanceof Error) return void stream.destroy()
    this.#end()
    this.#request = undefined
    quicken(stream)
    openWebSocket(this.#socket, {
      ...this.#terms,
      stream,
      head,
      protocol: agreed.subprotocol,
      extensions: formatExtensions(agreed.extensions),
      compression: agreed.compression,
      url: this.url,
      redirects: this.#redirects,
      params: {},
      data: undefined,
    })
  }

  /** A response that is no 101, or none that upgrades. */
  #refused(request: ClientRequest, response: IncomingMessage, asked: Asked): void {
    const { followRedirects } = this.#options
    const { statusCode: status = 0, headers } = response
    if (followRedirects && status >= 300 && status < 400 && headers.location) {
      return this.#redirect(headers.location)
    }
    if (status !== 101 && this.#socket.listenerCount('unexpected-response') > 0) {
      clearTimeout(this.#deadline)
      return this.#tell(() => this.#socket.emit('unexpected-response', request, response))
    }
    const fault = readOpeningResponse(response, asked)
    if (fault instanceof ConnectError) this.#fail(fault)
  }

  #redirect(location: string): void {
    this.#redirects++
    if (this.#redirects > this.#options.maxRedirects) {
      return this.#fail(new ConnectError('UPWIRE_TOO_MANY_REDIRECTS'))
    }
    const request = this.#request
    this.#request = undefined
    request?.destroy()
    try {
      const from = this.#address
      const isAsked = this.#socket.listenerCount('redirect') > 0
      const keepCredentials = isAsked && this.#options.redirectedCredentials === 'ask'
      this.#address = readAddress(location, from.url)
      this.#headers = redirectedHeaders(this.#headers, from, this.#address, keepCredentials)
      this.#send()
    } catch (error) {
      this.#fail(error as Error)
    }
  }

  /** Whatever happens to the requests from here on, the socket is told of this error and of its close, in this order. */
  #fail(error: Error): void {
    if (this.readyState !== ReadyState.CONNECTING) return
    this.readyState = ReadyState.CLOSING
    this.#end()
    this.#request?.destroy()
    const { code, reason } = ABNORMAL_CLOSE
    process.nextTick(() => {
      if (this.#socket.listenerCount('error') > 0) this.#tell(() => this.#socket.emit('error', error))
      this.readyState = ReadyState.CLOSED
      this.#tell(() => this.#socket.emit('close', code, reason))
    })
  }

  /** The handshake is over: nobody waits for it any more. */
  #end(): void {
    clearTimeout(this.#deadline)
    this.#options.signal?.removeEventListener('abort', this.#onSignal)
  }

  /** A listener that throws fails the handshake, and nothing else. */
  #tell(emit: () => unknown): void {
    settle(emit, (error) => this.userError(error))
  }
}
