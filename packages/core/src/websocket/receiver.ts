import type { Close } from '../protocol/close-payload.ts'
import { FrameParser } from '../protocol/frame-parser.ts'
import { MessageAssembler, type MessageLimits, type MessageSink } from '../protocol/message-assembler.ts'
import type { MessageDecompressor } from '../protocol/message-compression.ts'
import type { Role } from '../protocol/role.ts'
import type { Reception } from './reception.ts'

/** Who is told what a receiver reads. */
export interface Borrower extends MessageSink {
  /** After each message, Ping or Pong, where no two of them may come in one turn of the event loop. */
  rest?(): void
}

type ReceiverOptions = MessageLimits & Partial<Pick<Reception, 'allowSynchronousEvents'>>

/**
 * A parser and its assembler, lent to one connection after the other: a connection needs them while it has a chunk or an
 * unfinished message, so that one that idles costs none of their memory.
 */
export class Receiver implements MessageSink {
  readonly #assembler: MessageAssembler
  readonly #parser: FrameParser
  readonly #rests: boolean
  #borrower: Borrower | undefined

  constructor(role: Role, options: ReceiverOptions) {
    this.#rests = options.allowSynchronousEvents === false
    this.#assembler = new MessageAssembler(this, options)
    this.#parser = new FrameParser(role, this.#assembler)
  }

  /** `decompressor` is the one that the borrower's connection has agreed on, if any (RFC 7692). */
  lendTo(borrower: Borrower, decompressor?: MessageDecompressor): this {
    this.#borrower = borrower
    this.#assembler.decompressWith(decompressor)
    this.#parser.allowRsv1(decompressor !== undefined)
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

  /** Gives up an unfinished message. Nothing may be pushed after that before `reset`. */
  abandon(): void {
    this.#assembler.release()
  }

  /** Forgets its borrower, and all that came from there. Not to be called while it is at work. */
  reset(): void {
    this.#borrower = undefined
    this.#assembler.decompressWith(undefined)
    this.#assembler.release()
    this.#parser.reset()
  }

  text(bytes: Buffer, start: number, end: number, seen: number): void {
    this.#borrower?.text(bytes, start, end, seen)
    if (this.#rests) this.#borrower?.rest?.()
  }

  binary(bytes: Buffer, start: number, end: number): void {
    this.#borrower?.binary(bytes, start, end)
    if (this.#rests) this.#borrower?.rest?.()
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
}
