import { MAX_HELD_BYTES, MAX_HELD_MESSAGES } from './limits.ts'

export interface HeldMessage {
  readonly data: Buffer
  readonly isBinary: boolean
}

/** The messages that arrived before anybody could take them, in order. */
export class Inbox {
  readonly #messages: HeldMessage[] = []
  #bytes = 0

  get isEmpty(): boolean {
    return this.#messages.length === 0
  }

  /** Whether the peer should be paused: the bound is reached. */
  get isFull(): boolean {
    return this.#bytes >= MAX_HELD_BYTES || this.#messages.length >= MAX_HELD_MESSAGES
  }

  put(data: Buffer, isBinary: boolean): void {
    this.#messages.push({ data: withoutChunk(data), isBinary })
    this.#bytes += data.length
  }

  take(): HeldMessage | undefined {
    const message = this.#messages.shift()
    if (message) this.#bytes -= message.data.length
    return message
  }
}

/** A small view would keep its whole chunk alive: held messages could cost a thousand times their bytes. */
function withoutChunk(data: Buffer): Buffer {
  return data.length * 2 < data.buffer.byteLength ? Buffer.from(data) : data
}
