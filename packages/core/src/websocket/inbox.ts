import type { IncomingParts } from './incoming-parts.ts'
import { MAX_HELD_BYTES, MAX_HELD_MESSAGES } from './limits.ts'
import { StreamError } from './stream-error.ts'

export interface HeldMessage {
  readonly data: Buffer | IncomingParts
  readonly isBinary: boolean
}

/** The messages that arrived before anybody could take them, in order. */
export class Inbox {
  readonly #messages: HeldMessage[] = []
  #bytes = 0
  /** The message that is being read while it arrives, or waits for that. */
  #open: IncomingParts | undefined

  get isEmpty(): boolean {
    return this.#messages.length === 0 && (this.#open?.isOver ?? true)
  }

  /** Whether the peer should be paused: the bound is reached. */
  get isFull(): boolean {
    if (this.#open && !this.#open.hasRoom) return true
    return this.#bytes >= MAX_HELD_BYTES || this.#messages.length >= MAX_HELD_MESSAGES
  }

  put(data: Buffer, isBinary: boolean): void {
    this.#messages.push({ data: withoutChunk(data), isBinary })
    this.#bytes += data.length
  }

  /** A message that was next, and still is. */
  putBack(data: Buffer | IncomingParts, isBinary: boolean): void {
    const isWhole = Buffer.isBuffer(data)
    this.#messages.unshift({ data: isWhole ? withoutChunk(data) : data, isBinary })
    if (isWhole) this.#bytes += data.length
  }

  /** A message begins that is read while it arrives: it is here until it is over, whether somebody takes it or not. */
  open(parts: IncomingParts): void {
    this.#open = parts
  }

  /** Holds the open message for somebody to take. */
  hold(parts: IncomingParts): void {
    this.#messages.push({ data: parts, isBinary: parts.isBinary })
  }

  /** The open message is not to be read to its end. */
  cut(): void {
    this.#open?.fail(new StreamError('UPWIRE_MESSAGE_CUT'))
  }

  /** Whatever nobody has taken is lost. What is streamed is cancelled, since later messages may refer to it. */
  drop(): void {
    for (const { data } of this.#messages.splice(0)) {
      if (!Buffer.isBuffer(data)) data.cancel()
    }
    this.#bytes = 0
  }

  take(): HeldMessage | undefined {
    const message = this.#messages.shift()
    if (message && Buffer.isBuffer(message.data)) this.#bytes -= message.data.length
    return message
  }
}

/** A small view would keep its whole chunk alive: held messages could cost a thousand times their bytes. */
function withoutChunk(data: Buffer): Buffer {
  return data.length * 2 < data.buffer.byteLength ? Buffer.from(data) : data
}
