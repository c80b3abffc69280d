import type { Duplex } from 'node:stream'
import { CloseCode } from '../protocol/close-code.ts'
import { closePayload } from '../protocol/close-payload.ts'
import { afterSendingClose, Closing, canSend, canSendClose } from '../protocol/closing-handshake.ts'
import { FIN, RSV1 } from '../protocol/frame-header.ts'
import { CONTROL_BIT, Opcode } from '../protocol/opcode.ts'
import type { Publication } from '../topics/publication.ts'
import type { Subscriber } from '../topics/topic-hub.ts'
import { Fragmented } from './fragmented.ts'
import { HeldSends } from './held-sends.ts'
import type { Opening } from './opening.ts'
import type { FragmentSender, OutgoingMessage } from './outgoing-message.ts'
import type { Plan } from './plan.ts'
import type { SendCallback } from './send-queue.ts'
import { MAX_COPIED_BYTES } from './send-slab.ts'
import type { SendOptions } from './sendable.ts'
import { StreamError } from './stream-error.ts'
import { noteError } from './user-code.ts'
import { Writer } from './writer.ts'

/**
 * The sending half of a connection: what may be sent in which state, how much may wait, and what waits for what. A base class,
 * as `Writer` is, and for the same reason.
 */
export abstract class Sender extends Writer implements Subscriber, FragmentSender {
  protected readonly compression: Opening['compression']
  #closing: Closing = Closing.Active
  /** There while a message of ours is unfinished. */
  #fragmented: Fragmented | undefined

  constructor(stream: Duplex, plan: Plan, compression: Opening['compression']) {
    super(stream, plan)
    this.compression = compression
  }

  get closing(): Closing {
    return this.#closing
  }

  protected set closing(state: Closing) {
    this.#closing = state
    if (this.#fragmented !== undefined && !canSend(state) && !HeldSends.of(this)) this.#cutFragmented()
  }

  /**
   * What of `send()` the network has not taken. What would leave with this tick is handed to it first; compressed data, which
   * `ws` compresses later, counts as it was given until then.
   */
  get bufferedAmount(): number {
    const { queue } = this
    if (queue && this.compression) return this.bufferedBytes - queue.bytes + queue.givenBytes
    queue?.flush()
    return this.bufferedBytes
  }

  /** What has not left for the network: queued here and in the stream. */
  get bufferedBytes(): number {
    const queued = (this.queue?.bytes ?? 0) + (this.#fragmented?.waitingBytes ?? 0)
    return queued + (HeldSends.of(this)?.bytes ?? 0) + this.stream.writableLength
  }

  sendText(text: string, callback?: SendCallback): boolean {
    if (this.#fragmented !== undefined || this.compression !== undefined || HeldSends.of(this)) {
      return this.sendPayload(Opcode.Text, Buffer.from(text), {}, callback)
    }
    if (!this.#admit(text.length, callback)) return false
    this.openQueue().text(FIN | Opcode.Text, text, callback)
    return this.#hasRoom()
  }

  /** Sends a message, or with `fin` false a fragment that another one continues (RFC 6455 §5.4). */
  sendPayload(opcode: number, payload: Uint8Array, options: SendOptions, callback?: SendCallback): boolean {
    if (!this.#admit(payload.length, callback, this.#isFragment(options))) return false
    const held = HeldSends.of(this)
    if (!held && !this.#fragmented?.streamed) return this.#put(opcode, payload, options, callback)
    // The caller may change what a queue would have copied.
    const kept = payload.length > MAX_COPIED_BYTES ? payload : Buffer.from(payload)
    if (!held) return this.#putLater(opcode, kept, options, callback)
    const send = () => void this.#putLater(opcode, kept, options, callback)
    held.put({ bytes: kept.length, callback, send })
    return this.#hasRoom()
  }

  /** Sends a message, a Ping or a Pong of a Blob's bytes when they are read; what is sent after it waits until then. */
  sendBlob(opcode: number, blob: Blob, options: SendOptions, callback?: SendCallback): boolean {
    const isControl = (opcode & CONTROL_BIT) !== 0
    if (!isControl && !this.#admit(blob.size, callback, this.#isFragment(options))) return false
    const send = (payload: Uint8Array) => {
      if (isControl) this.#putControl(opcode, payload, options, callback)
      else this.#putLater(opcode, payload, options, callback)
    }
    this.#hold().put({ blob, bytes: blob.size, callback, send })
    return this.#hasRoom()
  }

  /** Sends a message whose parts are yet to come, in its turn. */
  sendStreamed(message: OutgoingMessage): void {
    const fragmented = this.#fragmented
    const held = HeldSends.of(this)
    if (held) {
      const callback = (error?: Error | null) => void (error && message.cut(error))
      held.put({ bytes: 0, callback, send: () => this.sendStreamed(message) })
    } else if (fragmented) {
      fragmented.put({
        bytes: 0,
        send: () => this.sendStreamed(message),
        cut: (reason) => message.cut(reason),
      })
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
    const held = HeldSends.of(this)
    if (!held) return this.#putPublished(publication)
    held.put({
      bytes: publication.bytes,
      callback: undefined,
      send: () => void this.#putPublished(publication),
    })
    return false
  }

  /** Pings, Pongs and Close frames are never dropped and never count against the limit. */
  sendControl(opcode: number, payload: Uint8Array, callback?: SendCallback, options: SendOptions = {}): void {
    const held = HeldSends.of(this)
    if (!held) return this.#putControl(opcode, payload, options, callback)
    const kept = Buffer.from(payload)
    const send = () => this.#putControl(opcode, kept, options, callback)
    held.put({ bytes: kept.length, callback, send })
  }

  /** Starts or completes the closing handshake (RFC 6455 §7.1.2). A second Close frame is never sent (§5.5.1). */
  sendClose(payload: Uint8Array): void {
    if (!canSendClose(this.#closing)) return
    this.sendControl(Opcode.Close, payload)
    this.closing = afterSendingClose(this.#closing)
    if (this.#closing === Closing.CloseAcknowledged) this.endStream()
  }

  /**
   * Sends what is queued, and nothing after it. A client, too, ends its half as soon as both Close frames are through: RFC
   * 6455 §7.1.1 lets it wait for the server, but some servers wait for the client.
   */
  protected override endStream(): void {
    const end = () => super.endStream()
    const held = HeldSends.of(this)
    if (held) held.put({ bytes: 0, callback: undefined, send: end })
    else end()
  }

  /** Nothing more is sent. What left in this tick is still with the stream in time, unless its callback is to say no. */
  protected leave(): void {
    HeldSends.of(this)?.abandon(new Error('Not sent: the connection closed before the Blob was read'))
    if (this.compression)
      this.queue?.drop(new Error('Not sent: the connection closed before the message was compressed'))
    else this.queue?.flushNow()
  }

  protected override flowsAgain(): void {
    this.#fragmented?.streamed?.flowsAgain()
  }

  /** Whether somebody's message waits for the end of another: it has not left when everything else has. */
  protected get isHeldUp(): boolean {
    return this.#fragmented?.isWaitedFor ?? false
  }

  abstract userError(error: unknown): void

  /** What was to be sent cannot be read. */
  protected abstract sendFailed(error: unknown): void

  /** A message was sent. */
  protected abstract sent(): void

  #hold(): HeldSends {
    return (
      HeldSends.of(this) ??
      HeldSends.begin(this, (error) => {
        if (error !== undefined) this.sendFailed(error)
        if (!canSend(this.#closing)) this.#cutFragmented()
      })
    )
  }

  #isFragment({ fin = true }: SendOptions): boolean {
    return !fin || (this.#fragmented !== undefined && !this.#fragmented.streamed)
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
    { fin = true, compress = true, mask = true }: SendOptions,
    callback?: SendCallback,
  ): boolean {
    const compressor = this.compression?.deflater
    const isCompressed = compressor !== undefined && compress && payload.length >= compressor.threshold
    const first = opcode | (isCompressed ? RSV1 : 0)
    if (compressor) this.openQueue().givenBytes += payload.length
    if (this.#fragmented !== undefined || !fin) return this.#putFragment(first, payload, fin, callback, mask)
    this.putFrame(FIN | first, isCompressed ? compressor.deflate(payload) : payload, mask, callback)
    return this.#hasRoom()
  }

  #putControl(
    opcode: number,
    payload: Uint8Array,
    { mask = true }: SendOptions,
    callback: SendCallback | undefined,
  ): void {
    this.putFrame(FIN | opcode, payload, mask, callback)
    this.flushIfShared()
  }

  #putFragment(
    first: number,
    payload: Uint8Array,
    fin: boolean,
    callback?: SendCallback,
    mask = true,
  ): boolean {
    this.#fragmented ??= new Fragmented()
    const fragmented = this.#fragmented
    const opcode = fragmented.nextOpcode(first)
    const compressor = fragmented.isCompressed ? this.compression?.deflater : undefined
    this.putFrame(
      (fin ? FIN : 0) | opcode,
      compressor ? compressor.deflate(payload, fin) : payload,
      mask,
      callback,
    )
    if (fin) this.#followWith(fragmented)
    return this.#hasRoom()
  }

  #putPublished(publication: Publication): boolean {
    if (this.#fragmented) {
      this.#fragmented.put({ bytes: publication.bytes, send: () => this.#putPublished(publication) })
      return false
    }
    this.openQueue().frame(publication.frameFor(this.compression?.deflater))
    return this.#hasRoom()
  }

  /** A message that waits for the end of one whose parts are yet to come. */
  #putLater(
    opcode: number,
    payload: Uint8Array,
    options: SendOptions,
    callback: SendCallback | undefined,
  ): boolean {
    if (!this.#fragmented?.streamed) return this.#put(opcode, payload, options, callback)
    this.#fragmented.put({
      bytes: payload.length,
      send: () => this.#putLater(opcode, payload, options, callback),
      cut(reason) {
        if (callback) process.nextTick(callback, reason)
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
    const reason = new StreamError('UPWIRE_MESSAGE_NOT_SENT')
    noteError(this, reason)
    this.#fragmented?.cut(reason)
    this.#fragmented = undefined
  }

  #hasRoom(): boolean {
    this.sent()
    this.flushIfShared()
    return this.keepsUp(HeldSends.of(this)?.bytes ?? 0)
  }
}
