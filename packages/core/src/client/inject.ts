import type { IncomingHttpHeaders, IncomingMessage, Server as PlainServer } from 'node:http'
import { Server as SecureServer } from 'node:https'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { ConnectError } from '../handshake/connect-error.ts'
import type { ClientOptions } from '../websocket/client-options.ts'
import type { Message } from '../websocket/hooks.ts'
import { WebSocket } from '../websocket/websocket.ts'
import { duplexPair } from './memory-duplex.ts'
import './connect.ts'

type HttpServer = PlainServer | SecureServer

/** The options of an injected connection: those of a client, and what only a test can do. */
export interface InjectOptions extends ClientOptions {
  /** The address that the server sees. Default `127.0.0.1`. */
  remoteAddress?: string
  /** Is given the request as the server has read it, before anything serves it. */
  onRequest?: (request: IncomingMessage) => void
  /** Is given the socket before it connects: it will see every event. */
  onInit?: (socket: InjectedSocket) => void
  /** Is given the socket when it is open, before `inject()` resolves. */
  onOpen?: (socket: InjectedSocket) => void
}

/** The HTTP response that refused an injected handshake. */
export interface InjectedResponse {
  readonly statusCode: number
  readonly statusMessage: string
  readonly headers: IncomingHttpHeaders
  /** The body as text, and so is `body`. */
  readonly payload: string
  readonly body: string
  readonly rawPayload: Buffer
  /** The body as JSON. Throws a SyntaxError when it is none. */
  json<Value = unknown>(): Value
}

/**
 * What `inject()` rejects with when the server answers with anything but 101. Its name is `Error`, for tests that compare
 * it with `new Error('Unexpected server response: 401')`.
 */
export class RefusedInjection extends Error {
  readonly code = 'UPWIRE_UNEXPECTED_RESPONSE'
  readonly status: number
  readonly response: InjectedResponse

  constructor(response: InjectedResponse) {
    const { statusCode: status } = response
    super(new ConnectError('UPWIRE_UNEXPECTED_RESPONSE', { status }).message)
    this.status = status
    this.response = response
    // Compared with another error, it is its name and message that count.
    for (const name of ['code', 'status', 'response'])
      Object.defineProperty(this, name, { enumerable: false })
  }
}

/** What a server calls on the sockets of its connections. There is no network here that it could change. */
const WITHOUT_NETWORK: Partial<Record<keyof Socket, (this: Duplex) => Duplex>> = {}
for (const name of ['ref', 'setKeepAlive', 'setNoDelay', 'setTimeout', 'unref'] as const) {
  WITHOUT_NETWORK[name] = function () {
    return this
  }
}

/** The client's end of a connection that lies in memory. */
export class InjectedSocket extends WebSocket {
  #closedWith = ''

  /** Begins to connect to `server`, which need not listen. Throws as the constructor of `WebSocket` does. */
  constructor(server: HttpServer, path: string, options: InjectOptions = {}) {
    const { remoteAddress = '127.0.0.1', onRequest, onInit: _, onOpen: __, ...rest } = options
    super(`ws://localhost${path}`, undefined, {
      ...rest,
      createConnection: () => connectInMemory(server, remoteAddress, onRequest),
    })
    this.once('close', (code, reason) => {
      this.#closedWith = `${code} ${reason}`.trim()
    })
  }

  /**
   * The next message: text as a string, binary as a Buffer. Messages wait until they are asked for. Rejects when the
   * connection closes without one. Take messages with this, or with a 'message' listener, not both.
   */
  async next(): Promise<Message> {
    const messages = this[Symbol.asyncIterator]()
    const { value } = await messages.next()
    await messages.return?.()
    if (value !== undefined) return value
    throw new Error(`There is no further message: the connection has closed with ${this.#closedWith}`)
  }
}

/**
 * Opens a connection to `server` without a port: in memory, and through Node's own HTTP parser, its 'upgrade' event and
 * everything that listens for it. `path` may have a query. Resolves when it is open; rejects with a `RefusedInjection`
 * when the server answers otherwise, and as `connect()` does.
 */
export function inject(
  server: HttpServer,
  path: string,
  options: InjectOptions = {},
): Promise<InjectedSocket> {
  return new Promise((resolve, reject) => {
    const socket = new InjectedSocket(server, path, options)
    options.onInit?.(socket)
    socket
      .once('error', reject)
      .once('open', () => {
        socket.off('error', reject)
        options.onOpen?.(socket)
        resolve(socket)
      })
      .once('unexpected-response', (_request, response) => {
        readResponse(response)
          .then((read) => reject(new RefusedInjection(read)), reject)
          .finally(() => socket.terminate())
      })
  })
}

/** Gives `server` one end of a pair, as it is given the socket of a connection, and returns the other. */
function connectInMemory(
  server: HttpServer,
  remoteAddress: string,
  onRequest: InjectOptions['onRequest'],
): Duplex {
  const [ours, theirs] = duplexPair({ allowHalfOpen: false })
  const encrypted = server instanceof SecureServer
  Object.assign(theirs, WITHOUT_NETWORK, { remoteAddress, encrypted })
  if (onRequest) tellOfRequest(server, theirs, onRequest)
  server.emit(encrypted ? 'secureConnection' : 'connection', theirs)
  return ours
}

type OnRequest = NonNullable<InjectOptions['onRequest']>

interface Watch {
  /** Who waits for the request on which stream. */
  readonly waiting: Map<unknown, OnRequest>
  end(): void
}

const watches = new WeakMap<HttpServer, Watch>()

/** Looks at what the server emits: with a listener more, it would seem that somebody else takes upgrades. */
function tellOfRequest(server: HttpServer, stream: Duplex, onRequest: OnRequest): void {
  const watch = watches.get(server) ?? watchRequests(server)
  watch.waiting.set(stream, onRequest)
  stream.once('close', () => forget(server, stream))
}

function watchRequests(server: HttpServer): Watch {
  const own = Object.getOwnPropertyDescriptor(server, 'emit')
  const { emit } = server
  const watched = (event: string, ...args: unknown[]): boolean => {
    if (event === 'upgrade' || event === 'request') tell(server, args[0] as IncomingMessage)
    return Reflect.apply(emit, server, [event, ...args])
  }
  const end = (): void => {
    watches.delete(server)
    if (server.emit !== watched) return
    if (own) Object.defineProperty(server, 'emit', own)
    else Reflect.deleteProperty(server, 'emit')
  }
  const watch = { waiting: new Map<unknown, OnRequest>(), end }
  watches.set(server, watch)
  server.emit = watched
  return watch
}

function tell(server: HttpServer, request: IncomingMessage): void {
  const onRequest = watches.get(server)?.waiting.get(request.socket)
  forget(server, request.socket)
  onRequest?.(request)
}

function forget(server: HttpServer, stream: Duplex): void {
  const watch = watches.get(server)
  watch?.waiting.delete(stream)
  if (watch?.waiting.size === 0) watch.end()
}

async function readResponse(response: IncomingMessage): Promise<InjectedResponse> {
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk)
  const rawPayload = Buffer.concat(chunks)
  const payload = rawPayload.toString()
  const { statusCode = 0, statusMessage = '', headers } = response
  const json = <Value>(): Value => JSON.parse(payload)
  return { statusCode, statusMessage, headers, payload, body: payload, rawPayload, json }
}
