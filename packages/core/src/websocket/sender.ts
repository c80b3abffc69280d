import type { Duplex } from 'node:stream'
import { CloseCode } from '../protocol/close-code.ts'
import { closePayload } from '../protocol/close-payload.ts'
import { afterSendingClose, Closing, canSend, canSendClose } from '../protocol/closing-handshake.ts'
import { FIN, RSV1 } from '../protocol/frame-header.ts'
import { Opcode } from '../protocol/opcode.ts'
import type { Publication } from '../topics/publication.ts'
import type { Subscriber } from '../topics/topic-hub.ts'
import type { Opening } from './opening.ts'
import type { Plan } from './plan.ts'
import { type QueueOwner, type SendCallback, SendQueue } from './send-queue.ts'
import { awaitDrain } from './stream-owner.ts'

/** Whether somebody who was told to wait has to be told to go on. */
const Drain = {
  NotAwaited: 0,
  /** What they wait for is still queued here: the stream does not know of it yet. */
  Queued: 1,
  Awaited: 2,
} as const

type Drain = (typeof Drain)[keyof typeof Drain]

/** A message of ours that is unfinished. What is published meanwhile waits for its end, since messages do not interleave (RFC 6455 §5.4). */
class Fragmented {
  /** RSV1 belongs to the first frame, and with it the whole message is compressed (RFC 7692 §6.1). */
  readonly isCompressed: boolean
  readonly published: Publication[] = []
  publishedBytes = 0

  constructor(isCompressed: boolean) {
    this.isCompressed = isCompressed
  }

  put(publication: Publication): void {
    this.published.push(publication)
    this.publishedBytes += publication.bytes
  }
}

/** The connection whose chunk is being parsed. A connection that is parsed meanwhile ends its corking, no more. */
let corked: object | undefined

/**
 * The sending half of a connection: what may be sent in which state, how much may wait, and when it leaves. It is a base
 * class and not a part, since an object more for each connection would show in the memory of those that idle.
 */
export abstract class Sender implements QueueOwner, Subscriber {
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
  }

  /** What has not left for the network: queued here and in the stream. */
  get bufferedBytes(): number {
    const queued = (this.#queue?.bytes ?? 0) + (this.#fragmented?.publishedBytes ?? 0)
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
    { fin = true, compress = true }: { fin?: boolean; compress?: boolean },
    callback?: SendCallback,
  ): boolean {
    const fragmented = this.#fragmented
    const isFragment = fragmented !== undefined || !fin
    if (!this.#admit(payload.length, callback, isFragment)) return false
    const compressor = this.compression?.deflater
    const isWorthIt = compressor !== undefined && compress && payload.length >= compressor.threshold
    const isCompressed = fragmented?.isCompressed ?? isWorthIt
    const first = fragmented ? Opcode.Continuation : opcode | (isCompressed ? RSV1 : 0)
    const sent = compressor && isCompressed ? compressor.deflate(payload, fin) : payload
    const queue = this.#openQueue()
    queue.payload((fin ? FIN : 0) | first, sent, callback)
    if (!fin) this.#fragmented ??= new Fragmented(isCompressed)
    else if (fragmented) this.#followWith(fragmented, queue)
    return this.#hasRoom(queue)
  }

  sendPublished(publication: Publication): boolean {
    if (!canSend(this.#closing) || !this.#admit(publication.bytes)) return false
    const queue = this.#openQueue()
    if (this.#fragmented) this.#fragmented.put(publication)
    else queue.frame(publication.frameFor(this.compression?.deflater))
    return this.#hasRoom(queue)
  }

  /** Pings, Pongs and Close frames are never dropped and never count against the limit. */
  sendControl(opcode: number, payload: Uint8Array, callback?: SendCallback): void {
    this.#openQueue().payload(FIN | opcode, payload, callback)
  }

  /** Starts or completes the closing handshake (RFC 6455 §7.1.2). A second Close frame is never sent (§5.5.1). */
  sendClose(payload: Uint8Array): void {
    if (!canSendClose(this.#closing)) return
    this.sendControl(Opcode.Close, payload)
    this.#closing = afterSendingClose(this.#closing)
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
    if (this.stream.writableNeedDrain) this.queueWaits()
    else this.flowsAgain()
  }

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

  #followWith({ published }: Fragmented, queue: SendQueue): void {
    this.#fragmented = undefined
    for (const publication of published) queue.frame(publication.frameFor(this.compression?.deflater))
  }

  #hasRoom(queue: SendQueue): boolean {
    this.sent()
    const { stream } = this
    if (queue.bytes + stream.writableLength < stream.writableHighWaterMark) return true
    this.awaitDrain()
    return false
  }
}
