import type { Duplex } from 'node:stream'
import { CloseCode } from '../protocol/close-code.ts'
import { closePayload } from '../protocol/close-payload.ts'
import { afterSendingClose, Closing, canSend, canSendClose } from '../protocol/closing-handshake.ts'
import { FIN, RSV1 } from '../protocol/frame-header.ts'
import { Opcode } from '../protocol/opcode.ts'
import type { Publication } from '../topics/publication.ts'
import type { Subscriber } from '../topics/topic-hub.ts'
import { Fragmented } from './fragmented.ts'
import type { Opening } from './opening.ts'
import type { FragmentSender, OutgoingMessage } from './outgoing-message.ts'
import type { Plan } from './plan.ts'
import { type QueueOwner, type SendCallback, SendQueue } from './send-queue.ts'
import { MAX_COPIED_BYTES } from './send-slab.ts'
import { StreamError } from './stream-error.ts'
import { awaitDrain } from './stream-owner.ts'

/** Whether somebody who was told to wait has to be told to go on. */
const Drain = {
  NotAwaited: 0,
  /** What they wait for is still queued here: the stream does not know of it yet. */
  Queued: 1,
  Awaited: 2,
} as const

type Drain = (typeof Drain)[keyof typeof Drain]

interface FragmentOptions {
  readonly fin?: boolean
  readonly compress?: boolean
}

/** The connection whose chunk is being parsed. A connection that is parsed meanwhile ends its corking, no more. */
let corked: object | undefined

/**
 * The sending half of a connection: what may be sent in which state, how much may wait, and when it leaves. It is a base
 * class and not a part, since an object more for each connection would show in the memory of those that idle.
 */
export abstract class Sender implements QueueOwner, Subscriber, FragmentSender {
  readonly stream: Duplex
  protected readonly plan: Plan
  protected readonly compression: Opening['compression']
  #closing: Closing = Closing.Active
  #queue: SendQueue | undefined
  /** There while a message of ours is unfinished. */
  #fragmented: Fragmented | undefined
  #drain: Drain = Drain.NotAwaited

  constructor(stream: Duplex, plan: Plan, compression: Opening['compression']) {
    this.stream = stream
    this.plan = plan
    this.compression = compression
  }

  get nextMaskingKey(): (() => number) | undefined {
    return this.plan.settings.nextMaskingKey
  }

  get closing(): Closing {
    return this.#closing
  }

  protected set closing(state: Closing) {
    this.#closing = state
    if (this.#fragmented !== undefined && !canSend(state)) this.#cutFragmented()
  }

  /** What has not left for the network: queued here and in the stream. */
  get bufferedBytes(): number {
    const queued = (this.#queue?.bytes ?? 0) + (this.#fragmented?.waitingBytes ?? 0)
    return queued + this.stream.writableLength
  }

  sendText(text: string, callback?: SendCallback): boolean {
    if (this.#fragmented !== undefined || this.compression?.deflater !== undefined) {
      return this.sendPayload(Opcode.Text, Buffer.from(text), {}, callback)
    }
    if (!this.#admit(text.length, callback)) return false
    const queue = this.#openQueue()
    queue.text(FIN | Opcode.Text, text, callback)
    return this.#hasRoom(queue)
  }

  /** Sends a message, or with `fin` false a fragment that another one continues (RFC 6455 §5.4). */
  sendPayload(
    opcode: number,
    payload: Uint8Array,
    options: FragmentOptions,
    callback?: SendCallback,
  ): boolean {
    const fragmented = this.#fragmented
    const isFragment = options.fin === false || (fragmented !== undefined && !fragmented.streamed)
    if (!this.#admit(payload.length, callback, isFragment)) return false
    if (!fragmented?.streamed) return this.#put(opcode, payload, options, callback)
    // The caller may change what a queue would have copied.
    const kept = payload.length > MAX_COPIED_BYTES ? payload : Buffer.from(payload)
    return this.#putLater(opcode, kept, options, callback)
  }

  /** Sends a message whose parts are yet to come, in its turn. */
  sendStreamed(message: OutgoingMessage): void {
    const fragmented = this.#fragmented
    if (fragmented) {
      fragmented.put({ bytes: 0, send: () => this.sendStreamed(message), cut: () => message.cut() })
    } else {
      this.#fragmented = new Fragmented(message)
      void message.begin(this)
    }
  }

  /** Never left out, for whoever sends the message waits where this returns false. */
  sendFragment(opcode: number, payload: Uint8Array, fin: boolean, compress: boolean): boolean {
    const isCompressed = compress && this.compression?.deflater !== undefined
    return this.#putFragment(opcode | (isCompressed ? RSV1 : 0), payload, fin)
  }

  sendPublished(publication: Publication): boolean {
    if (!canSend(this.#closing) || !this.#admit(publication.bytes)) return false
    return this.#putPublished(publication)
  }

  /** Pings, Pongs and Close frames are never dropped and never count against the limit. */
  sendControl(opcode: number, payload: Uint8Array, callback?: SendCallback): void {
    this.#openQueue().payload(FIN | opcode, payload, callback)
  }

  /** Starts or completes the closing handshake (RFC 6455 §7.1.2). A second Close frame is never sent (§5.5.1). */
  sendClose(payload: Uint8Array): void {
    if (!canSendClose(this.#closing)) return
    this.sendControl(Opcode.Close, payload)
    this.closing = afterSendingClose(this.#closing)
    if (this.#closing === Closing.CloseAcknowledged) this.endAcknowledged()
  }

  queueFlushed(): void {
    this.#queue = undefined
  }

  /** What is sent from here on leaves at `uncork`, and not at the end of the tick. */
  protected cork(): void {
    corked = this
  }

  protected uncork(): void {
    if (corked === this) corked = undefined
    this.#queue?.flush()
  }

  /** Both Close frames are through: the server ends the stream first, a client waits for that (RFC 6455 §7.1.1). */
  protected endAcknowledged(): void {
    if (this.plan.settings.role === 'server') this.endStream()
    else this.#queue?.flush()
  }

  /** Sends what is queued, and nothing after it. */
  protected endStream(): void {
    this.#queue?.flushNow()
    if (!this.stream.writableEnded) this.stream.end()
  }

  /** `drained` will follow, unless the stream ends. */
  protected awaitDrain(): void {
    if (this.#drain !== Drain.NotAwaited) return
    this.#drain = Drain.Queued
    if (this.#queue === undefined) this.queueWritten()
  }

  queueWritten(): void {
    if (this.#drain !== Drain.Queued) return
    this.#drain = Drain.Awaited
    if (this.stream.writableNeedDrain) awaitDrain(this.stream)
    else if (this.stream.writable) process.nextTick(() => this.drained())
  }

  queueWaits(): void {
    if (this.#drain === Drain.Awaited) return
    this.#drain = Drain.Awaited
    awaitDrain(this.stream)
  }

  /** The stream has taken all it had: now it is given what waited here, and nobody is told before it has that too. */
  drained(): void {
    this.#drain = Drain.NotAwaited
    this.#queue?.flush()
    if (this.stream.writableNeedDrain) return this.queueWaits()
    this.#fragmented?.streamed?.flowsAgain()
    this.flowsAgain()
  }

  /** Whether somebody's message waits for the end of another: it has not left when everything else has. */
  protected get isHeldUp(): boolean {
    return this.#fragmented?.isWaitedFor ?? false
  }

  abstract userError(error: unknown): void

  /** Everything that waited has left. */
  protected abstract flowsAgain(): void

  /** A message was sent. */
  protected abstract sent(): void

  #openQueue(): SendQueue {
    if (this.#queue === undefined) {
      this.#queue = SendQueue.lendTo(this)
      if (corked !== this) this.#queue.flushSoon()
    }
    return this.#queue
  }

  /** A message that is sent in fragments cannot be left out any more: for it, `drop` closes as well. */
  #admit(bytes: number, callback?: SendCallback, isFragment = false): boolean {
    const { maxBackpressure, backpressurePolicy } = this.plan.settings.limits
    const buffered = this.bufferedBytes
    if (buffered === 0 || buffered + bytes <= maxBackpressure) return true
    const error = `The peer does not read: ${buffered} bytes wait for it, and maxBackpressure is ${maxBackpressure}`
    if (callback) process.nextTick(callback, new Error(error))
    if (backpressurePolicy === 'close' || isFragment)
      this.sendClose(closePayload(CloseCode.TryAgainLater, 'Reading too slowly'))
    return false
  }

  #put(
    opcode: number,
    payload: Uint8Array,
    { fin = true, compress = true }: FragmentOptions,
    callback?: SendCallback,
  ): boolean {
    const compressor = this.compression?.deflater
    const isCompressed = compressor !== undefined && compress && payload.length >= compressor.threshold
    const first = opcode | (isCompressed ? RSV1 : 0)
    if (this.#fragmented !== undefined || !fin) return this.#putFragment(first, payload, fin, callback)
    const queue = this.#openQueue()
    queue.payload(FIN | first, isCompressed ? compressor.deflate(payload) : payload, callback)
    return this.#hasRoom(queue)
  }

  #putFragment(first: number, payload: Uint8Array, fin: boolean, callback?: SendCallback): boolean {
    this.#fragmented ??= new Fragmented()
    const fragmented = this.#fragmented
    const opcode = fragmented.nextOpcode(first)
    const compressor = fragmented.isCompressed ? this.compression?.deflater : undefined
    const queue = this.#openQueue()
    queue.payload((fin ? FIN : 0) | opcode, compressor ? compressor.deflate(payload, fin) : payload, callback)
    if (fin) this.#followWith(fragmented)
    return this.#hasRoom(queue)
  }

  #putPublished(publication: Publication): boolean {
    if (this.#fragmented) {
      this.#fragmented.put({ bytes: publication.bytes, send: () => this.#putPublished(publication) })
      return false
    }
    const queue = this.#openQueue()
    queue.frame(publication.frameFor(this.compression?.deflater))
    return this.#hasRoom(queue)
  }

  /** A message that waits for the end of one whose parts are yet to come. */
  #putLater(
    opcode: number,
    payload: Uint8Array,
    options: FragmentOptions,
    callback: SendCallback | undefined,
  ): boolean {
    if (!this.#fragmented?.streamed) return this.#put(opcode, payload, options, callback)
    this.#fragmented.put({
      bytes: payload.length,
      send: () => this.#putLater(opcode, payload, options, callback),
      cut() {
        if (callback) process.nextTick(callback, new StreamError('UPWIRE_MESSAGE_NOT_SENT'))
      },
    })
    return false
  }

  #followWith(fragmented: Fragmented): void {
    this.#fragmented = undefined
    if (!fragmented.isWaitedFor) return
    for (const waiting of fragmented.take()) waiting.send()
    // Whoever sent it was told to wait.
    this.awaitDrain()
  }

  #cutFragmented(): void {
    this.#fragmented?.cut()
    this.#fragmented = undefined
  }

  #hasRoom(queue: SendQueue): boolean {
    this.sent()
    const { stream } = this
    if (queue.bytes + stream.writableLength < stream.writableHighWaterMark) return true
    this.awaitDrain()
    return false
  }
}
