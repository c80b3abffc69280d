import type { InflateContext } from './context.ts'
import { Output } from './output.ts'

const NOTHING = Buffer.alloc(0)

/**
 * A message whose end has not arrived, inflated when somebody asks for more: a few bytes of it may be a thousand times as
 * much, and none of that is there before it is wanted. Its methods throw a ProtocolError; then it is to be abandoned.
 */
export class UnfinishedMessage {
  /** Whether later messages refer to it: then all of it has to be inflated, wanted or not (RFC 7692 §7.1.1). */
  readonly isReferredTo: boolean
  readonly #context: InflateContext
  readonly #free: () => void
  readonly #output: Output
  readonly #parts: Buffer[] = []
  #input: Uint8Array = NOTHING
  #isOver = false

  constructor(context: InflateContext, maxBytes: number, isReferredTo: boolean, free: () => void) {
    this.#context = context
    this.#output = new Output(maxBytes, (part) => this.#parts.push(part))
    this.isReferredTo = isReferredTo
    this.#free = free
  }

  get isOver(): boolean {
    return this.#isOver
  }

  /** The next bytes as they arrived, once `take` has no more of those before. They must stay as they are. */
  put(bytes: Uint8Array): void {
    this.#input = bytes
  }

  /** The next inflated part, about 64 KiB at most, or `undefined` where more has to be put in first. */
  take(): Buffer | undefined {
    while (this.#parts.length === 0 && !this.#isOver && (this.#input.length > 0 || this.#context.hasMore)) {
      this.#input = this.#input.subarray(this.#context.step(this.#input, this.#output))
    }
    return this.#parts.shift()
  }

  /** All that can be taken. */
  takeAll(): Buffer {
    const parts: Buffer[] = []
    for (let part = this.take(); part; part = this.take()) parts.push(part)
    return Buffer.concat(parts)
  }

  /** All has been put in and taken; what the end itself gives is still to be taken. */
  end(): void {
    this.#context.end(this.#output)
    this.abandon()
  }

  /** Gives the message up. */
  abandon(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#free()
  }
}
