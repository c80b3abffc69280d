import type { Inflater } from '../permessage-deflate/inflater.ts'
import type { Close } from '../protocol/close-payload.ts'
import type { ControlSink } from '../protocol/control-frames.ts'
import { FrameParser } from '../protocol/frame-parser.ts'
import type { MessageLimits } from '../protocol/message-assembler.ts'
import { MessageRelay, type PartSink } from '../protocol/message-relay.ts'
import type { Role } from '../protocol/role.ts'
import { IncomingParts, type PartOwner } from './incoming-parts.ts'
import type { Reception } from './reception.ts'
import { StreamError } from './stream-error.ts'

/** A connection whose messages are read as they arrive. */
export interface StreamSink extends ControlSink, PartOwner {
  /** A message begins. */
  messageBegan(parts: IncomingParts): void
  /** Some of it has arrived: the peer is at work. */
  partArrived(): void
  /** No more, please: stop after the frame in hand. */
  holdReading(): void
  /** After each message that begins, Ping or Pong, where no two of them may come in one turn of the event loop. */
  rest?(): void
}

type StreamedReceiverOptions = Omit<MessageLimits, 'budget'> &
  Partial<Pick<Reception, 'allowSynchronousEvents'>>

/** A parser and its relay, lent as a `Receiver` is, to connections whose messages are read as they arrive. */
export class StreamedReceiver implements PartSink {
  readonly #maxPayload: number
  readonly #parser: FrameParser
  readonly #rests: boolean
  #borrower: StreamSink | undefined
  #inflater: Inflater | undefined
  /** The message whose end has not arrived. */
  #parts: IncomingParts | undefined

  constructor(role: Role, options: StreamedReceiverOptions) {
    this.#maxPayload = options.maxPayload
    this.#rests = options.allowSynchronousEvents === false
    this.#parser = new FrameParser(role, new MessageRelay(this, options))
  }

  lendTo(borrower: StreamSink, inflater?: Inflater): this {
    this.#borrower = borrower
    this.#inflater = inflater
    this.#parser.allowRsv1(inflater !== undefined)
    return this
  }

  /** Whether the borrower has to keep it, for what it knows of a frame or a message. */
  get unfinished(): boolean {
    return this.#parser.unfinished
  }

  push(chunk: Buffer, start: number): number {
    return this.#parser.push(chunk, start)
  }

  stop(): void {
    this.#parser.stop()
  }

  /** Gives up an unfinished message; its reader is told why. Nothing may be pushed after that before `reset`. */
  abandon(cause: Error = new StreamError('UPWIRE_MESSAGE_CUT')): void {
    this.#parts?.fail(cause)
  }

  /** Forgets its borrower, and all that came from there. Not to be called while it is at work. */
  reset(): void {
    this.#borrower = undefined
    this.#inflater = undefined
    this.#parts = undefined
    this.#parser.reset()
  }

  messageStart(isBinary: boolean, isCompressed: boolean): void {
    const borrower = this.#borrower
    if (!borrower) return
    const inflation = isCompressed ? this.#inflater?.begin(this.#maxPayload) : undefined
    this.#parts = new IncomingParts(isBinary, borrower, inflation)
    borrower.messageBegan(this.#parts)
    if (this.#rests) borrower.rest?.()
  }

  messagePart(part: Buffer): void {
    this.#borrower?.partArrived()
    this.#parts?.push(part)
    this.#holdUnlessRoom(this.#parts)
  }

  messageEnd(): void {
    const parts = this.#parts
    this.#parts = undefined
    parts?.end()
    this.#holdUnlessRoom(parts)
  }

  ping(payload: Buffer): void {
    this.#borrower?.ping(payload)
    if (this.#rests) this.#borrower?.rest?.()
  }

  pong(payload: Buffer): void {
    this.#borrower?.pong(payload)
    if (this.#rests) this.#borrower?.rest?.()
  }

  close(close: Close): void {
    this.#borrower?.close(close)
  }

  #holdUnlessRoom(parts: IncomingParts | undefined): void {
    if (parts && !parts.hasRoom) this.#borrower?.holdReading()
  }
}
