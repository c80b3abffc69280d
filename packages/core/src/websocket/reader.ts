import type { Close } from '../protocol/close-payload.ts'
import { Closing } from '../protocol/closing-handshake.ts'
import type { ProtocolError } from '../protocol/protocol-error.ts'
import type { Opening } from './opening.ts'
import { Reading } from './reading.ts'
import type { Borrower, Receiver } from './receiver.ts'
import { ownStream, type StreamOwner } from './stream-owner.ts'
import type { StreamedReceiver, StreamSink } from './streamed-receiver.ts'
import { UserSide } from './user-side.ts'
import type { WebSocket } from './websocket.ts'

/**
 * The reading half of a connection: what is done with the bytes that arrive, and when the peer has to wait. A base class, as
 * `Writer` is, and for the same reason.
 */
export abstract class Reader extends UserSide implements Borrower, StreamSink, StreamOwner {
  #reading: Reading = Reading.NotYet
  /** Borrowed while there is a chunk to parse, or a frame or message to be completed. */
  #receiver: Receiver | StreamedReceiver | undefined
  /** What was read of a chunk but not parsed. */
  #rest: Buffer | undefined

  constructor(socket: WebSocket, opening: Opening) {
    super(socket, opening)
    const { stream, head } = opening
    ownStream(stream, this)
    if (head.length > 0) this.#putBack(head)
  }

  override get isOver(): boolean {
    return this.#reading === Reading.Over
  }

  receive(chunk: Buffer): void {
    this.heard()
    this.beginReading()
    if (this.#reading === Reading.Frames) this.#parse(chunk)
    else if (this.#reading === Reading.Held)
      this.#rest = this.#rest ? Buffer.concat([this.#rest, chunk]) : chunk
  }

  override holdReading(): void {
    if (this.#reading > Reading.Frames) return
    this.stream.pause()
    if (this.#reading === Reading.NotYet) return
    this.#reading = Reading.Held
    this.#receiver?.stop()
  }

  protected override beginReading(): void {
    if (this.#reading !== Reading.NotYet) return
    // A message that fails the connection does so after those in front of it were answered.
    this.delivering?.begins()
    if (this.#hasRoom) this.#parseRest()
    else this.#reading = Reading.Held
  }

  /** Parses what was left of a chunk, then reads on, as long as the user can take more. */
  protected readOn(): void {
    const isHeldBack = this.#reading === Reading.Held || this.#reading === Reading.NotYet
    if (!isHeldBack || !this.#hasRoom) return
    if (this.#reading === Reading.Held) this.#parseRest()
    if (this.#reading <= Reading.Frames && this.closing !== Closing.Terminated) this.stream.resume()
  }

  /** Looks at nothing any more that arrives. `cause` is why an unfinished message will not be whole. */
  protected discardRest(cause?: Error): void {
    this.#reading = Reading.Discard
    this.#rest = undefined
    this.#receiver?.stop()
    this.#receiver?.abandon(cause)
    this.stream.resume()
  }

  /** Gives a receiver back that has not come to the end of a message. It may not be at work, further up the stack. */
  protected dropReceiver(): void {
    const receiver = this.#receiver
    if (!receiver) return
    this.#receiver = undefined
    receiver.abandon()
    receiver.reset()
    this.plan.receivers.giveBack(receiver)
  }

  /** The stream has ended, and the user knows. */
  protected readingIsOver(): void {
    this.#reading = Reading.Over
  }

  protected get isHeld(): boolean {
    return this.#reading === Reading.Held
  }

  /** Whether the peer owes the rest of a frame or of a message. */
  protected get isUnfinished(): boolean {
    return this.#receiver !== undefined
  }

  protected get hasUnparsed(): boolean {
    return this.#rest !== undefined
  }

  /** To the stream, for whoever looks at what that brings; one that has ended takes nothing back. */
  #putBack(head: Buffer): void {
    if (this.stream.readableEnded) this.#rest = head
    else this.stream.unshift(head)
  }

  #parse(chunk: Buffer): void {
    const { receivers } = this.plan
    const receiver = this.#receiver ?? receivers.take().lendTo(this, this.compression?.inflater)
    let at = 0
    this.#receiver = receiver
    this.cork()
    try {
      while (at < chunk.length && this.#reading === Reading.Frames) at = receiver.push(chunk, at)
      if (at < chunk.length && this.#reading === Reading.Held) this.#rest = chunk.subarray(at)
    } catch (error) {
      this.failFor(error as ProtocolError)
    }
    if (this.#reading === Reading.Discard) this.dropReceiver()
    else if (!receiver.unfinished) {
      this.#receiver = undefined
      receivers.giveBack(receiver)
    }
    this.uncork()
  }

  #parseRest(): void {
    this.#reading = Reading.Frames
    const rest = this.#rest
    this.#rest = undefined
    if (rest) this.#parse(rest)
    const isOver = this.#reading !== Reading.Frames || this.closing === Closing.Terminated
    if (!isOver && this.stream.readableEnded) this.peerEnded()
  }

  get #hasRoom(): boolean {
    return this.delivering?.hasRoom ?? true
  }

  abstract close(received: Close): void
  abstract peerEnded(): void
  abstract streamClosed(): void
  abstract messageFailed(broken: ProtocolError): void

  protected abstract failFor(broken: ProtocolError): void
}
