import { RSV1 } from '../protocol/frame-header.ts'
import { Opcode } from '../protocol/opcode.ts'
import type { OutgoingMessage } from './outgoing-message.ts'

/** Something to send that waits until it may be. */
export interface Waiting {
  readonly bytes: number
  send(): void
  /** It cannot be sent any more. */
  cut?(reason: Error): void
}

/**
 * A message of ours that is unfinished. What may not come into its middle waits for its end, since messages do not interleave
 * (RFC 6455 §5.4).
 */
export class Fragmented {
  /** The message whose parts alone continue it. Without one, the next `send()` does. */
  readonly streamed: OutgoingMessage | undefined
  #first: number | undefined
  #isCompressed = false
  #waitingBytes = 0
  readonly #waiting: Waiting[] = []

  constructor(streamed?: OutgoingMessage) {
    this.streamed = streamed
  }

  /** RSV1 belongs to the first frame, and with it the whole message is compressed (RFC 7692 §6.1). */
  get isCompressed(): boolean {
    return this.#isCompressed
  }

  get waitingBytes(): number {
    return this.#waitingBytes
  }

  get isWaitedFor(): boolean {
    return this.#waiting.length > 0
  }

  /** The opcode and RSV1 of its next frame; `first` is what the first one has. */
  nextOpcode(first: number): number {
    if (this.#first !== undefined) return Opcode.Continuation
    this.#first = first
    this.#isCompressed = (first & RSV1) !== 0
    return first
  }

  put(waiting: Waiting): void {
    this.#waiting.push(waiting)
    this.#waitingBytes += waiting.bytes
  }

  /** All that waits, in order. It counts no more. */
  take(): Waiting[] {
    this.#waitingBytes = 0
    return this.#waiting.splice(0)
  }

  /** Neither the message nor what waits for it can be sent any more. */
  cut(reason: Error): void {
    this.streamed?.cut(reason)
    for (const waiting of this.take()) waiting.cut?.(reason)
  }
}
