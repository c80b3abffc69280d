import { EventEmitter } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener, STATUS_CODES } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import type { TLSSocket } from 'node:tls'
import { formatAcceptance } from '../handshake/opening-response.ts'
import { originAllowed } from '../handshake/origin.ts'
import { readSubprotocols } from '../handshake/subprotocol.ts'
import { type PerMessageDeflateSettings, resolvePerMessageDeflate } from '../permessage-deflate/options.ts'
import { MemoryBudget } from '../protocol/memory-budget.ts'
import { inTime } from '../routing/in-time.ts'
import type { ConnectionRegistry } from '../routing/route.ts'
import { TopicHub } from '../topics/topic-hub.ts'
import { DEFAULT_LIMITS, MAX_UNFINISHED_BYTES, resolveLimits } from '../websocket/limits.ts'
import type { ConnectionSettings } from '../websocket/opening.ts'
import { resolveReception } from '../websocket/reception.ts'
import { claimStream, isClaimed } from '../websocket/stream-owner.ts'
import { isThenable } from '../websocket/user-code.ts'
import type { WebSocket } from '../websocket/websocket.ts'
import { switchProtocols, type Upgrade } from './accept.ts'
import type { Extensions } from './agree-on-extensions.ts'
import { errorPath } from './error-path.ts'
import type { HttpServer } from './http-server.ts'
import { refuse, refuseFor } from './refuse.ts'
import {
  type ClientInfo,
  type ResolvedWebSocketServerOptions,
  resolveWebSocketServerOptions,
  type Verdict,
  type WebSocketServerOptions,
} from './websocket-server-options.ts'
import { type WsRefusal, wsExtensions, wsOrigin, wsRefusalOf, wsRejection } from './ws-handshake.ts'

interface ServerEvents {
  listening: []
  connection: [socket: WebSocket, request: IncomingMessage]
  /** The lines of the 101, which may be changed. */
  headers: [lines: string[], request: IncomingMessage]
  /** A handshake that breaks the protocol. Whoever listens answers it. */
  wsClientError: [error: Error, stream: Duplex, request: IncomingMessage]
  error: [error: Error]
  close: []
}

/** An opening handshake that nothing speaks against so far. */
interface Handshake extends Upgrade {
  readonly extensions: Extensions
  readonly callback: (socket: WebSocket, request: IncomingMessage) => void
}

const CRLF = '\r\n'

/**
 * A WebSocket server with the options, methods, events and refusals of the class of this name in the package `ws` 8.
 *
 * It differs where the default there is not safe: pages of other origins get 403 (`origin`), a message has at most 1 MiB
 * (`maxPayload`), silent peers are pinged and dropped (`pingInterval`, `pongTimeout`); and an error thrown in a listener
 * of a connection closes that connection with 1011, and goes to `onError`, instead of ending the process.
 */
export class WebSocketServer extends EventEmitter<ServerEvents> {
  readonly options: ResolvedWebSocketServerOptions
  /** The open connections; undefined with `clientTracking: false`. */
  readonly clients: Set<WebSocket> | undefined
  readonly #settings: ConnectionSettings
  readonly #deflate: PerMessageDeflateSettings | undefined
  readonly #onError: (error: unknown, socket: WebSocket | undefined) => void
  readonly #registry: Pick<ConnectionRegistry, 'enter' | 'leave'> = {
    enter: (socket) => void this.clients?.add(socket),
    leave: (socket) => {
      this.clients?.delete(socket)
      if (this.#state === 'closing' && this.clients?.size === 0) process.nextTick(() => this.#emitClose())
    },
  }
  #server: HttpServer | undefined
  readonly #removeListeners: () => void
  #state: 'running' | 'closing' | 'closed' = 'running'

  /** `callback` is called once the server listens on its `port`. Throws a TypeError for options that cannot be used. */
  constructor(options: WebSocketServerOptions, callback?: () => void) {
    super()
    this.options = resolveWebSocketServerOptions(options)
    const {
      maxPayload = DEFAULT_LIMITS.maxPayload,
      clientTracking,
      perMessageDeflate,
      onError,
    } = this.options
    this.#deflate = resolvePerMessageDeflate(perMessageDeflate)
    this.#onError = errorPath(onError)
    this.#settings = {
      role: 'server',
      limits: resolveLimits({ ...this.options, maxPayload: maxPayload || Number.POSITIVE_INFINITY }),
      reception: resolveReception(this.options),
      budget: new MemoryBudget(MAX_UNFINISHED_BYTES),
      topics: new TopicHub(),
      handling: { hooks: {}, delivery: 'listeners' },
    }
    if (clientTracking) this.clients = new Set()
    this.#server = this.options.server ?? this.#listen(callback)
    this.#removeListeners = this.#server ? this.#addListeners(this.#server) : ignore
  }

  /** Its http server, be it its own or a given one; null in `noServer` mode and once it is closed. As in `ws`. */
  get _server(): HttpServer | null {
    return this.#server ?? null
  }

  /** Where it listens: null before that, a string for a unix socket. Throws an Error in `noServer` mode. */
  address(): AddressInfo | string | null {
    if (this.options.noServer) throw new Error('The server is operating in "noServer" mode')
    return this.#server?.address() ?? null
  }

  /** Whether the request is for this server. To be overridden. */
  shouldHandle(request: IncomingMessage): boolean {
    const { path } = this.options
    return !path || request.url?.split('?', 1)[0] === path
  }

  /**
   * Takes one upgrade to its end, on any duplex stream, and calls `callback` with the open connection. Throws an Error
   * when the stream was given to it, or to another server, before, and is still in use.
   */
  handleUpgrade(
    request: IncomingMessage,
    stream: Duplex,
    head: Buffer,
    callback: (socket: WebSocket, request: IncomingMessage) => void,
  ): void {
    if (!claimStream(stream)) {
      // Whoever was given it first has refused it.
      if (!stream.writable) return
      throw new Error(
        'server.handleUpgrade() was called more than once with the same socket, possibly due to a misconfiguration',
      )
    }
    const fail = (fault: unknown): void => refuseFor(fault, stream, request, this.#onError)
    try {
      const refusal = wsRefusalOf(request)
      if (refusal) return this.#refuseClient(refusal, stream, request)
      const extensions = wsExtensions(request, this.#deflate)
      if ('status' in extensions) return this.#refuseClient(extensions, stream, request)
      const handshake = { request, stream, head, extensions, callback }
      const verdict = this.#verify(request)
      if (!(verdict instanceof Promise)) return this.#conclude(handshake, verdict)
      const { handshakeTimeout } = this.options
      inTime(verdict, handshakeTimeout)
        .then((later) => this.#conclude(handshake, later))
        .catch(fail)
    } catch (fault) {
      fail(fault)
    }
  }

  /**
   * Takes no more connections and emits 'close' when the last has ended. It ends none itself, and closes no http server
   * but its own. `callback` is called then, with an Error when the server was closed before.
   */
  close(callback?: (error?: Error) => void): void {
    if (this.#state === 'closed') {
      if (callback) this.once('close', () => callback(new Error('The server is not running')))
      process.nextTick(() => this.#emitClose())
      return
    }
    if (callback) this.once('close', callback)
    if (this.#state === 'closing') return
    this.#state = 'closing'
    const server = this.#server
    this.#removeListeners()
    this.#server = undefined
    if (this.options.port !== undefined) server?.close(() => this.#emitClose())
    else if (!this.clients?.size) process.nextTick(() => this.#emitClose())
  }

  #verify(request: IncomingMessage): Verdict | Promise<Verdict> {
    const { origin: rule, verifyClient } = this.options
    if (!this.shouldHandle(request)) return [false, 400]
    const origin = wsOrigin(request)
    if (origin !== undefined) request.headers.origin ??= origin
    if (!originAllowed(rule, request)) return [false, 403]
    if (!verifyClient) return [true]
    const { authorized, encrypted } = request.socket as Partial<TLSSocket>
    const info: ClientInfo = { origin, secure: Boolean(authorized || encrypted), req: request }
    if (verifyClient.length === 2) {
      return new Promise((resolve) => void verifyClient(info, (...verdict) => resolve(verdict)))
    }
    const verified = verifyClient(info, ignore)
    // A promise is no yes: what an async function answers counts.
    return isThenable(verified) ? Promise.resolve(verified).then((answer) => [answer]) : [verified]
  }

  #conclude(handshake: Handshake, [verified, status, message, headers]: Verdict): void {
    const { stream } = handshake
    if (this.#state !== 'running') refuse(stream, wsRejection(503))
    else if (verified) this.#open(handshake)
    else refuse(stream, wsRejection(status || 401, message, headers))
  }

  #open({ request, stream, head, extensions: { extensions, compression }, callback }: Handshake): void {
    const protocol = this.#chooseSubprotocol(request)
    const acceptance = { key: request.headers['sec-websocket-key'] ?? '', subprotocol: protocol, extensions }
    const lines = formatAcceptance(acceptance).trimEnd().split(CRLF)
    this.emit('headers', lines, request)
    if (lines.some((line) => /[\r\n\0]/.test(line))) {
      throw new TypeError('headers: a line holds a line break or NUL; add one line for each header')
    }
    switchProtocols(new this.options.WebSocket(null), [...lines, CRLF].join(CRLF), this.#registry, {
      stream,
      head,
      settings: this.#settings,
      protocol: protocol || '',
      extensions: extensions ?? '',
      compression,
      params: {},
      data: undefined,
      start: (socket) => callback(socket, request),
      onUserError: this.#onError,
      onEnd: this.#registry.leave,
    })
  }

  #chooseSubprotocol(request: IncomingMessage): string | undefined {
    const offered = new Set(readSubprotocols(request.headers['sec-websocket-protocol']))
    const { handleProtocols } = this.options
    if (offered.size === 0) return undefined
    if (!handleProtocols) return offered.values().next().value
    return handleProtocols(offered, request) || undefined
  }

  #refuseClient({ status, message, headers }: WsRefusal, stream: Duplex, request: IncomingMessage): void {
    if (this.listenerCount('wsClientError') === 0) refuse(stream, wsRejection(status, message, headers))
    else this.emit('wsClientError', new Error(message), stream, request)
  }

  #listen(callback: (() => void) | undefined): HttpServer | undefined {
    const { port, host, backlog } = this.options
    if (port === undefined) return undefined
    return createServer(upgradeRequired).listen(port, host, backlog, callback)
  }

  #addListeners(server: HttpServer): () => void {
    const onListening = () => this.emit('listening')
    const onError = (error: Error) => this.emit('error', error)
    const onUpgrade = (request: IncomingMessage, stream: Duplex, head: Buffer) => {
      // Another server's or a router's that listens here too: no peer may make this listener throw.
      if (isClaimed(stream)) return
      this.handleUpgrade(request, stream, head, (socket) => this.emit('connection', socket, request))
    }
    server.on('listening', onListening).on('error', onError).on('upgrade', onUpgrade)
    return () => server.off('listening', onListening).off('error', onError).off('upgrade', onUpgrade)
  }

  #emitClose(): void {
    this.#state = 'closed'
    this.emit('close')
  }
}

const upgradeRequired: RequestListener = (_request, response) => {
  const body = STATUS_CODES[426]
  response.writeHead(426, { 'Content-Type': 'text/plain', Upgrade: 'websocket', Connection: 'Upgrade' })
  response.end(body)
}

function ignore(): void {}
