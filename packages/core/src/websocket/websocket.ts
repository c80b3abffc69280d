import { EventEmitter } from 'node:events'
import type { ClientRequest } from 'node:http'
import type { Duplex } from 'node:stream'
import { ABNORMAL_CLOSE, closePayload } from '../protocol/close-payload.ts'
import { Closing } from '../protocol/closing-handshake.ts'
import { Opcode } from '../protocol/opcode.ts'
import type { Payload } from '../protocol/payload.ts'
import { type BinaryType, isBinaryType } from './binary-type.ts'
import type { ClientOptions } from './client-options.ts'
import { Connection } from './connection.ts'
import { type Attempt, attemptIsOver, loadedConnector, type StreamOptions } from './connector.ts'
import type { Delivery } from './delivery.ts'
import { DomFace, defineDomFace } from './dom-face.ts'
import type { Message } from './hooks.ts'
import { LISTENER_ADDED } from './lazy-emitter.ts'
import { MessageIterator } from './message-iterator.ts'
import { type MessageEventName, otherMode } from './message-mode.ts'
import type { MessageParts } from './message-parts.ts'
import { messageStreams } from './message-streams.ts'
import type { Opening } from './opening.ts'
import { OutgoingMessage, type SendStreamOptions } from './outgoing-message.ts'
import { notOpen, ReadyState } from './ready-state.ts'
import type { SendCallback } from './send-queue.ts'
import {
  checkControlSize,
  isBlob,
  type Sendable,
  type SendOptions,
  sendableBytes,
  sendableSize,
} from './sendable.ts'
import { StreamError } from './stream-error.ts'
import type { StreamedMessage } from './streamed-message.ts'
import { contain, throwUncaught } from './user-code.ts'
import { readableOf, writableOf } from './web-streams.ts'

const NO_PARAMS = Object.freeze({})
const NO_OPTIONS: SendOptions = Object.freeze({})
const NO_TOPICS: ReadonlySet<string> = new Set()
const EXTENSION_PARAMETERS = /;[^,]*/g
let adopt: (socket: WebSocket, opening: Opening) => void
/** What the program said about sockets that it will give a stream to itself. */
const unconnected = new WeakMap<object, StreamOptions>()

/** Gives a socket its connection. From here on it is OPEN; its handler runs at once, and reading begins after that. */
export function openWebSocket<Data>(socket: WebSocket<Data>, opening: Opening<Data>): void {
  adopt(socket as WebSocket, opening as Opening)
}

/**
 * One WebSocket connection. It has the events, methods and properties of the class of this name in the package `ws`, and
 * beyond them `for await`, backpressure by the result of `send()`, typed `data`, `params` and topics.
 *
 * It needs no 'error' listener: what a peer does never throws. A message that comes while nobody listens is held,
 * and the peer is paused when too much is.
 */
export class WebSocket<Data = unknown> extends DomFace<WebSocket<Data>> {
  /** What the `upgrade` hook returned or the `data` option made. Yours to read and change. */
  data = undefined as Data

  /** A client's opening handshake, then what is still to be known of it. */
  #attempt: Attempt | undefined
  #connection: Connection | undefined
  #params: Readonly<Record<string, string>> = NO_PARAMS
  #protocol = ''
  #extensions = ''
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
   * With `null`: a socket without a connection, CONNECTING until it is given one, which `setSocket` does.
   */
  constructor(
    address: string | URL | null,
    protocols?: string | readonly string[] | ClientOptions,
    options?: ClientOptions & StreamOptions,
  ) {
    super()
    if (address === null) {
      if (options) unconnected.set(this, options)
      return
    }
    this.#attempt = loadedConnector().attempt(this as WebSocket, address, protocols, options)
    this.#attempt.start()
  }

  get readyState(): ReadyState {
    if (this.#connection === undefined) return this.#attempt?.readyState ?? ReadyState.CONNECTING
    const { closing } = this.#connection
    if (closing === Closing.Active) return ReadyState.OPEN
    return this.#connection.isOver ? ReadyState.CLOSED : ReadyState.CLOSING
  }

  /** Parameters of the path this connection was opened on. */
  get params(): Readonly<Record<string, string>> {
    return this.#params
  }

  /** The chosen subprotocol, or an empty string (RFC 6455 §1.9). */
  get protocol(): string {
    return this.#protocol
  }

  /** The names of the extensions in use, separated by commas. */
  get extensions(): string {
    return this.#extensions
  }

  /** The address that a client connects to, redirects followed; an empty string on a server. */
  get url(): string {
    return this.#attempt?.url ?? ''
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
    return (this.#connection?.bufferedAmount ?? 0) + this.#unsentBytes
  }

  /** Whether `pause()` was called, and `resume()` not since. */
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
   * until `callback`. Throws a TypeError for what is neither text nor bytes.
   */
  send(data: Sendable, options?: SendOptions | SendCallback, callback?: SendCallback): boolean {
    if (typeof options === 'function') return this.send(data, undefined, options)
    const connection = this.#connection
    if (connection === undefined || connection.closing !== Closing.Active) return this.#refuse(data, callback)
    const done = callback && this.#contain(callback)
    if (options === undefined) {
      if (typeof data === 'string') return connection.sendText(data, done)
      if (Buffer.isBuffer(data)) return connection.sendPayload(Opcode.Binary, data, NO_OPTIONS, done)
    }
    const isText = typeof data === 'string' || typeof data === 'number'
    const { binary = !isText, ...rest } = options ?? {}
    const opcode = binary ? Opcode.Binary : Opcode.Text
    if (isBlob(data)) return connection.sendBlob(opcode, data, rest, done)
    return connection.sendPayload(opcode, sendableBytes(data), rest, done)
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
    else message.cut(new StreamError('UPWIRE_MESSAGE_NOT_SENT'))
    return message.sent
  }

  /**
   * Sends a Ping (RFC 6455 §5.5.2) of at most 125 bytes; its answer is a 'pong' event. Throws a RangeError for more, a
   * TypeError for what is neither text nor bytes, and an Error on a socket that is not open yet.
   */
  ping(data?: Sendable | SendCallback, mask?: boolean | SendCallback, callback?: SendCallback): void {
    this.#sendControl(Opcode.Ping, data, mask, callback)
  }

  /** Sends an unasked Pong (RFC 6455 §5.5.3). Pings are answered without it. Throws what `ping` throws. */
  pong(data?: Sendable | SendCallback, mask?: boolean | SendCallback, callback?: SendCallback): void {
    this.#sendControl(Opcode.Pong, data, mask, callback)
  }

  /**
   * Starts the closing handshake (RFC 6455 §7.1.2). `code` is 1000–1014 less 1004–1006, or 3000–4999; `reason` is at most
   * 123 bytes. Throws a TypeError or RangeError for others. The peer has `closeTimeout` to answer. It gives up an opening
   * handshake, and does nothing to a socket that is closing already.
   */
  close(code?: number, reason?: string | Uint8Array): void {
    if (this.readyState >= ReadyState.CLOSING) return
    const payload = closePayload(code, reason)
    if (this.#connection) this.#connection.sendClose(payload)
    else this.#attempt?.abort()
  }

  /** Ends the connection at once, without a Close frame. */
  terminate(): void {
    if (this.#connection) this.#connection.terminate()
    else this.#attempt?.abort()
  }

  /**
   * Opens this socket, made with `null`, on any duplex stream that has upgraded; `head` is what arrived behind the
   * handshake. The options take the place of those given to the constructor. Throws a TypeError for options that cannot be
   * used.
   */
  setSocket(stream: Duplex, head: Buffer, options: StreamOptions = {}): void {
    const { isServer = true, ...given } = { ...unconnected.get(this), ...options }
    const terms = loadedConnector().terms(stream, isServer ? 'server' : 'client', given)
    const agreed = { protocol: '', extensions: '', params: NO_PARAMS, data: this.data }
    this.#open({ ...terms, ...agreed, stream, head })
  }

  /** Tells of the end of a socket that never had a stream; one that has is ended, and tells of it by itself. */
  emitClose(): void {
    if (this.#connection ?? this.#attempt) return this.terminate()
    this.#attempt = attemptIsOver()
    this.emit('close', ABNORMAL_CLOSE.code, ABNORMAL_CLOSE.reason)
  }

  /** The stream, or null before there is one: what is written to it lands among the frames. For programs written for `ws`. */
  get _socket(): Duplex | null {
    return this.#connection?.transport ?? null
  }

  /** Of `ws`. To be set on a socket made with `null`, before it is given its stream. */
  get _isServer(): boolean {
    if (this.#connection) return this.#connection.role === 'server'
    return this.#attempt === undefined && (unconnected.get(this)?.isServer ?? true)
  }

  set _isServer(isServer: boolean) {
    unconnected.set(this, { ...unconnected.get(this), isServer })
  }

  /** The request of a client that connects. Of `ws`. */
  get _req(): ClientRequest | null {
    return this.#attempt?.request ?? null
  }

  /** How many redirects a client has followed. Of `ws`. */
  get _redirects(): number {
    return this.#attempt?.redirects ?? 0
  }

  /** Stops messages, and everything else that comes from the peer, until `resume()`. */
  pause(): void {
    if (this.#isConnected()) this.#connection?.delivery.pause()
  }

  /** Ends a `pause()`: what was held comes first. Does nothing without one. */
  resume(): void {
    if (this.#isConnected()) this.#connection?.delivery.resume()
  }

  /** From now on this socket gets what is published to the topic. Does nothing before it is open. */
  subscribe(topic: string): void {
    this.#connection?.subscribe(topic)
  }

  /** What is published to the topic from now on goes to others. Does nothing where the socket is no subscriber. */
  unsubscribe(topic: string): void {
    this.#connection?.unsubscribe(topic)
  }

  /** Sends to every subscriber of the topic but this socket. Returns how many they were. */
  publish(topic: string, data: Payload): number {
    return this.#connection?.publish(topic, data) ?? 0
  }

  /**
   * The messages, for `for await`: text as a string, binary as a Buffer. Ends when the connection is closed. Throws where a
   * hook takes them.
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<Message, undefined> {
    return new MessageIterator(this.#deliveryOf('message'))
  }

  /**
   * The messages of a route, or a client, with the option `messages: 'streamed'`, each to be read while it arrives. One that
   * was not begun when the next is asked for is discarded. Ends as `for await` over the socket does.
   */
  streams(): AsyncGenerator<StreamedMessage, undefined> {
    return messageStreams(this.#deliveryOf('stream'))
  }

  /**
   * The messages as a web stream, as WebSocketStream has it: it closes after a closing handshake, and errors with a
   * `WebSocketError` where there was none. Cancelling closes the connection.
   */
  get readable(): ReadableStream<Message> {
    return readableOf(this as WebSocket)
  }

  /** What is written here is sent, at the peer's pace. Closing it, or aborting it, closes the connection. */
  get writable(): WritableStream<Payload> {
    return writableOf(this as WebSocket)
  }

  /** What an async listener rejects with goes the way of every error of user code. */
  override [EventEmitter.captureRejectionSymbol](error: Error, ..._event: unknown[]): void {
    this.#userError(error)
  }

  override [LISTENER_ADDED](event: string | symbol): void {
    if (event === this.#connection?.messageEvent) this.#connection.delivery.listen()
  }

  #open(opening: Opening): void {
    if (this.#connection)
      throw new Error('This socket has a connection already: make a new WebSocket for each stream')
    this.data = opening.data as Data
    this.#params = opening.params
    this.#protocol = opening.protocol
    this.#extensions = opening.extensions.replace(EXTENSION_PARAMETERS, '')
    this.#attempt = opening.url === undefined ? undefined : attemptIsOver(opening)
    unconnected.delete(this)
    this.#connection = new Connection(this as WebSocket, opening)
    if (this.listenerCount(this.#connection.messageEvent) > 0) this.#connection.delivery.listen()
    this.#connection.start(opening.start)
  }

  #deliveryOf(event: MessageEventName): Delivery {
    const connection = this.#connection
    if (!connection)
      throw new Error('This socket has no connection yet: wait for it to open before reading messages')
    if (connection.delivery.isHooked)
      throw new TypeError(
        'The messages of this socket go to the message hook of its route, or to the handlers of its gateway; ' +
          'take them there, or leave that out to loop over them',
      )
    if (event === connection.messageEvent) return connection.delivery
    throw otherMode(event)
  }

  #isConnected(): boolean {
    return this.readyState === ReadyState.OPEN || this.readyState === ReadyState.CLOSING
  }

  #sendControl(opcode: number, ...args: [unknown, unknown, unknown]): void {
    const callback = args.find((arg) => typeof arg === 'function') as SendCallback | undefined
    const data = typeof args[0] === 'function' ? undefined : (args[0] as Sendable)
    const connection = this.#connection
    if (connection?.closing !== Closing.Active) return void this.#refuse(data, callback)
    checkControlSize(data)
    const options = { mask: args[1] !== false }
    const done = callback && this.#contain(callback)
    if (isBlob(data)) connection.sendBlob(opcode, data, options, done)
    else connection.sendControl(opcode, sendableBytes(data), done, options)
  }

  #refuse(data: Sendable, callback: SendCallback | undefined): false {
    const { readyState } = this
    const error = notOpen(readyState)
    if (readyState === ReadyState.CONNECTING) throw error
    this.#unsentBytes += sendableSize(data)
    if (callback) process.nextTick(this.#contain(callback), error)
    return false
  }

  /** A callback that throws is an error of user code like any other. */
  #contain(callback: SendCallback): SendCallback {
    return contain(callback, (error) => this.#userError(error))
  }

  #userError(error: unknown): void {
    const failing = this.#connection ?? this.#attempt
    if (failing) failing.userError(error)
    else throwUncaught(error)
  }
}

defineDomFace(WebSocket, ReadyState)
