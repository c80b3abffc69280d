import { EventEmitter } from 'node:events'
import type { ClientRequest, IncomingMessage } from 'node:http'
import { closePayload } from '../protocol/close-payload.ts'
import { Closing } from '../protocol/closing-handshake.ts'
import { MAX_CONTROL_PAYLOAD_BYTES } from '../protocol/frame-header.ts'
import { Opcode } from '../protocol/opcode.ts'
import { bytesOf, type Payload } from '../protocol/payload.ts'
import { type BinaryType, isBinaryType } from './binary-type.ts'
import type { ClientOptions } from './client-options.ts'
import { Connection } from './connection.ts'
import type { Attempt, Connector } from './connector.ts'
import {
  type AttributeListener,
  addEventListener,
  EVENT_TYPES,
  type EventListener,
  type EventType,
  type EventTypes,
  getAttribute,
  removeEventListener,
  setAttribute,
} from './event-target.ts'
import type { Message } from './hooks.ts'
import { LazyEmitter, LISTENER_ADDED } from './lazy-emitter.ts'
import { MessageIterator } from './message-iterator.ts'
import type { MessageParts } from './message-parts.ts'
import type { Opening } from './opening.ts'
import { OutgoingMessage, type SendStreamOptions } from './outgoing-message.ts'
import type { SendCallback } from './send-queue.ts'
import { settle } from './user-code.ts'

/** `WebSocket.readyState`, as the HTML Standard numbers it. */
export const ReadyState = { CONNECTING: 0, OPEN: 1, CLOSING: 2, CLOSED: 3 } as const
export type ReadyState = (typeof ReadyState)[keyof typeof ReadyState]

export interface SendOptions {
  /** Send as a binary message, or as text. Default: text for a string or a number, binary for bytes. */
  binary?: boolean
  /** Whether this is the last fragment of its message (RFC 6455 §5.4). Default true. */
  fin?: boolean
  /** Whether it may be compressed, where permessage-deflate was negotiated and it is long enough. Default true. */
  compress?: boolean
}

/** What `send` takes: a string or a number as text, bytes as binary; nothing at all is an empty message. */
export type Sendable = Payload | number | null | undefined

interface SocketEvents {
  message: [data: Buffer | ArrayBuffer | Buffer[] | Blob, isBinary: boolean]
  close: [code: number, reason: Buffer]
  error: [error: Error]
  drain: []
  ping: [payload: Buffer]
  pong: [payload: Buffer]
  open: []
  /** The response to a client's handshake, before 'open'. */
  upgrade: [response: IncomingMessage]
  /** A redirect that a client follows: the request is not sent yet, and may be changed or destroyed. */
  redirect: [url: string, request: ClientRequest]
  /** A response that is no upgrade. Whoever listens reads it, and ends the request or closes the socket. */
  'unexpected-response': [request: ClientRequest, response: IncomingMessage]
}

const NO_PARAMS = Object.freeze({})
const NO_TOPICS: ReadonlySet<string> = new Set()
const STATE_NAMES = Object.keys(ReadyState)
/** Enumerable, as those of a browser's WebSocket are. */
const DOM_PROPERTIES = [
  'binaryType',
  'bufferedAmount',
  'extensions',
  'isPaused',
  'protocol',
  'readyState',
  'url',
] as const

let adopt: (socket: WebSocket, opening: Opening) => void
let connector: Connector | undefined

/** Makes `makeAttempt` what `new WebSocket(address)` connects by: this folder opens no streams of its own. */
export function setConnector(makeAttempt: Connector): void {
  connector = makeAttempt
}

/** Gives a socket its connection. From here on it is OPEN; its handler runs at once, and reading begins after that. */
export function openWebSocket<Data>(socket: WebSocket<Data>, opening: Opening<Data>): void {
  adopt(socket as WebSocket, opening as Opening)
}

/**
 * One WebSocket connection. It has the events, methods and properties of the class of this name in the package `ws`, and
 * beyond them `for await`, backpressure by the result of `send()`, typed `data`, `params` and topics.
 *
 * It needs no 'error' listener: what a peer does never throws. A message that comes before anybody listens is held,
 * and the peer is paused when too much is.
 */
export class WebSocket<Data = unknown> extends LazyEmitter<SocketEvents> {
  declare static readonly CONNECTING: 0
  declare static readonly OPEN: 1
  declare static readonly CLOSING: 2
  declare static readonly CLOSED: 3
  declare readonly CONNECTING: 0
  declare readonly OPEN: 1
  declare readonly CLOSING: 2
  declare readonly CLOSED: 3

  /** What the `upgrade` hook returned or the `data` option made. Yours to read and change. */
  data = undefined as Data

  declare onopen: AttributeListener<EventTypes<this>['open']> | null
  declare onmessage: AttributeListener<EventTypes<this>['message']> | null
  declare onclose: AttributeListener<EventTypes<this>['close']> | null
  declare onerror: AttributeListener<EventTypes<this>['error']> | null

  /** A client's opening handshake, and what became of it. */
  #attempt: Attempt | undefined
  #connection: Connection | undefined
  #params: Readonly<Record<string, string>> = NO_PARAMS
  #protocol = ''
  #extensions = ''
  #url = ''
  #binaryType: BinaryType = 'nodebuffer'
  #unsentBytes = 0

  static {
    adopt = (socket, opening) => socket.#open(opening)
  }

  /**
   * Begins to connect, as a client; the options may stand in the place of the subprotocols. Throws a SyntaxError for an
   * address or subprotocols, and a TypeError or RangeError for options, that cannot be used. When the opening handshake
   * fails there is an 'error' event, where somebody listens, and then 'close' with 1006.
   *
   * With `null`: a socket without a connection, CONNECTING until it is given one.
   */
  constructor(
    address: string | URL | null,
    protocols?: string | readonly string[] | ClientOptions,
    options?: ClientOptions,
  ) {
    super()
    if (address === null) return
    if (!connector) throw new Error('WebSocket cannot connect: the client of @upwire/core was not loaded')
    this.#attempt = connector(this as WebSocket, address, protocols, options)
    this.#attempt.start()
  }

  get readyState(): ReadyState {
    if (this.#connection === undefined) return this.#attempt?.readyState ?? ReadyState.CONNECTING
    const { closing } = this.#connection
    if (closing === Closing.Active) return ReadyState.OPEN
    return closing === Closing.Terminated ? ReadyState.CLOSED : ReadyState.CLOSING
  }

  /** Parameters of the path this connection was opened on. */
  get params(): Readonly<Record<string, string>> {
    return this.#params
  }

  /** The chosen subprotocol, or an empty string (RFC 6455 §1.9). */
  get protocol(): string {
    return this.#protocol
  }

  /** The extensions in use, as the opening handshake's response names them. */
  get extensions(): string {
    return this.#extensions
  }

  get url(): string {
    return this.#attempt?.url ?? this.#url
  }

  /** The shape of binary messages in 'message' events: 'nodebuffer' (default), 'arraybuffer', 'fragments' or 'blob'. */
  get binaryType(): BinaryType {
    return this.#binaryType
  }

  set binaryType(type: BinaryType) {
    if (isBinaryType(type)) this.#binaryType = type
  }

  /** Bytes given to `send()` that have not left for the network yet. */
  get bufferedAmount(): number {
    return (this.#connection?.bufferedBytes ?? 0) + this.#unsentBytes
  }

  get isPaused(): boolean {
    return this.#connection?.isPaused ?? false
  }

  /** How long the last heartbeat took to the peer and back, in milliseconds; undefined before the first. */
  get rtt(): number | undefined {
    return this.#connection?.rtt
  }

  /** The topics this socket is subscribed to. */
  get topics(): ReadonlySet<string> {
    return this.#connection?.topics ?? NO_TOPICS
  }

  /**
   * Sends one message. Returns false when the peer reads more slowly than you send: go on after 'drain'. Nothing is
   * lost by going on, until `maxBackpressure`. On a socket that is closing or closed nothing is sent and `callback` is
   * given the error; on one that is not open yet it throws. Bytes above 16 KiB are not copied: leave them unchanged
   * until `callback`.
   */
  send(data: Sendable, options?: SendOptions | SendCallback, callback?: SendCallback): boolean {
    if (typeof options === 'function') return this.send(data, undefined, options)
    const connection = this.#connection
    if (connection === undefined || connection.closing !== Closing.Active) return this.#refuse(data, callback)
    const done = callback && this.#contain(callback)
    if (options === undefined && typeof data === 'string') return connection.sendText(data, done)
    const isText = typeof data === 'string' || typeof data === 'number'
    const { binary = !isText, ...rest } = options ?? {}
    return connection.sendPayload(binary ? Opcode.Binary : Opcode.Text, sendableBytes(data), rest, done)
  }

  /**
   * Sends one message in fragments, as its parts come: from an iterable, an async iterable, or a readable stream of Node
   * or the web. It asks for the next part when the peer keeps up. What is sent meanwhile follows behind it.
   *
   * Resolves when the last part was taken. Rejects with a `StreamError` when the connection closes before that, and the
   * parts are told to stop; and with what the parts throw, which also closes with 1011. Leave bytes unchanged once
   * they are given.
   */
  sendStream(parts: MessageParts, options: SendStreamOptions = {}): Promise<void> {
    const connection = this.#connection
    const isOpen = connection?.closing === Closing.Active || this.#refuse('', undefined)
    const message = new OutgoingMessage(parts, options)
    if (isOpen) connection?.sendStreamed(message)
    else message.cut()
    return message.sent
  }

  /** Sends a Ping (RFC 6455 §5.5.2) of at most 125 bytes; its answer is a 'pong' event. */
  ping(data?: Sendable | SendCallback, mask?: boolean | SendCallback, callback?: SendCallback): void {
    this.#sendControl(Opcode.Ping, data, mask, callback)
  }

  /** Sends an unasked Pong (RFC 6455 §5.5.3). Pings are answered without it. */
  pong(data?: Sendable | SendCallback, mask?: boolean | SendCallback, callback?: SendCallback): void {
    this.#sendControl(Opcode.Pong, data, mask, callback)
  }

  /**
   * Starts the closing handshake (RFC 6455 §7.1.2). `code` is 1000–1014 less 1004–1006, or 3000–4999; `reason` is at most
   * 123 bytes. Throws a TypeError or RangeError for others. The peer has `closeTimeout` to answer.
   */
  close(code?: number, reason?: string | Uint8Array): void {
    const payload = closePayload(code, reason)
    if (this.#connection) this.#connection.sendClose(payload)
    else this.#attempt?.abort()
  }

  /** Ends the connection at once, without a Close frame. */
  terminate(): void {
    if (this.#connection) this.#connection.terminate()
    else this.#attempt?.abort()
  }

  /** Stops messages, and everything else that comes from the peer, until `resume()`. */
  pause(): void {
    if (this.#isConnected()) this.#connection?.delivery.pause()
  }

  resume(): void {
    if (this.#isConnected()) this.#connection?.delivery.resume()
  }

  /** From now on this socket gets what is published to the topic. */
  subscribe(topic: string): void {
    this.#connection?.subscribe(topic)
  }

  unsubscribe(topic: string): void {
    this.#connection?.unsubscribe(topic)
  }

  /** Sends to every subscriber of the topic but this socket. Returns how many they were. */
  publish(topic: string, data: Payload): number {
    return this.#connection?.publish(topic, data) ?? 0
  }

  /** The messages, for `for await`: text as a string, binary as a Buffer. Ends when the connection is closed. */
  [Symbol.asyncIterator](): AsyncIterableIterator<Message, undefined> {
    const delivery = this.#connection?.delivery
    if (!delivery)
      throw new Error('This socket has no connection yet: wait for it to open before reading messages')
    return new MessageIterator(delivery)
  }

  /** Listens as on a browser's WebSocket: 'open', 'message', 'close' and 'error' are known, others are ignored. */
  addEventListener<Type extends EventType>(
    type: Type,
    listener: EventListener<EventTypes<WebSocket<Data>>[Type]>,
    options?: { once?: boolean },
  ): void {
    addEventListener(this, type, listener, options)
  }

  removeEventListener<Type extends EventType>(
    type: Type,
    listener: EventListener<EventTypes<WebSocket<Data>>[Type]>,
  ): void {
    removeEventListener(this, type, listener)
  }

  /** What an async listener rejects with goes the way of every error of user code. */
  override [EventEmitter.captureRejectionSymbol](error: Error, ..._event: unknown[]): void {
    this.#userError(error)
  }

  override [LISTENER_ADDED](event: string | symbol): void {
    if (event === 'message') this.#connection?.delivery.listen()
  }

  #open(opening: Opening): void {
    if (this.#connection)
      throw new Error('This socket has a connection already: make a new WebSocket for each stream')
    this.data = opening.data as Data
    this.#params = opening.params
    this.#protocol = opening.protocol
    this.#extensions = opening.extensions
    this.#url = opening.url ?? ''
    this.#attempt = undefined
    this.#connection = new Connection(this as WebSocket, opening)
    if (this.listenerCount('message') > 0) this.#connection.delivery.listen()
    this.#connection.start(opening.start)
  }

  #isConnected(): boolean {
    return this.readyState === ReadyState.OPEN || this.readyState === ReadyState.CLOSING
  }

  #sendControl(opcode: number, ...args: [unknown, unknown, unknown]): void {
    const callback = args.find((arg) => typeof arg === 'function') as SendCallback | undefined
    const data = typeof args[0] === 'function' ? undefined : (args[0] as Sendable)
    const payload = sendableBytes(data)
    if (payload.length > MAX_CONTROL_PAYLOAD_BYTES) {
      throw new RangeError(`The data size must not be greater than ${MAX_CONTROL_PAYLOAD_BYTES} bytes`)
    }
    const connection = this.#connection
    if (connection?.closing === Closing.Active) {
      connection.sendControl(opcode, payload, callback && this.#contain(callback))
    } else {
      this.#refuse(data, callback)
    }
  }

  #refuse(data: Sendable, callback: SendCallback | undefined): false {
    const { readyState } = this
    const error = new Error(`WebSocket is not open: readyState ${readyState} (${STATE_NAMES[readyState]})`)
    if (readyState === ReadyState.CONNECTING) throw error
    this.#unsentBytes += sendableBytes(data).length
    if (callback) process.nextTick(this.#contain(callback), error)
    return false
  }

  /** A callback that throws is an error of user code like any other. */
  #contain(callback: SendCallback): SendCallback {
    return (error) => {
      settle(
        () => callback(error),
        (thrown) => this.#userError(thrown),
      )
    }
  }

  #userError(error: unknown): void {
    const failing = this.#connection ?? this.#attempt
    failing?.userError(error)
  }
}

for (const [name, value] of Object.entries(ReadyState)) {
  Object.defineProperty(WebSocket, name, { enumerable: true, value })
  Object.defineProperty(WebSocket.prototype, name, { enumerable: true, value })
}

for (const name of DOM_PROPERTIES) Object.defineProperty(WebSocket.prototype, name, { enumerable: true })

for (const type of EVENT_TYPES) {
  Object.defineProperty(WebSocket.prototype, `on${type}`, {
    configurable: true,
    enumerable: true,
    get(this: WebSocket) {
      return getAttribute(this, type)
    },
    set(this: WebSocket, listener: unknown) {
      setAttribute(this, type, listener)
    },
  })
}

function sendableBytes(data: Sendable): Buffer {
  return bytesOf(typeof data === 'number' ? String(data) : (data ?? ''))
}
