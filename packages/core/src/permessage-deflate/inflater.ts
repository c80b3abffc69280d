import type { InflateContext } from './context.ts'
import type { Compression } from './negotiation.ts'
import { openInflateContext } from './open-context.ts'
import { collect, Output } from './output.ts'

/**
 * Decompresses incoming messages (RFC 7692 §7.2.2). The context is made with the first: up to 42 KiB with the default
 * window.
 */
export class Inflater {
  readonly #compression: Compression
  #context: InflateContext | undefined

  constructor(compression: Compression) {
    this.#compression = compression
  }

  /**
   * A message, from the payload of all its frames. Throws a ProtocolError where it is corrupt, and where it would have
   * more than `maxBytes`, with no more than these and one inflated.
   */
  inflate(payload: Uint8Array, maxBytes: number): Buffer {
    const context = this.#open()
    return collect(maxBytes, (output) => {
      context.push(payload, output)
      context.end(output)
    })
  }

  /** Begins a message that is inflated as it arrives; its parts belong to the receiver. Throws as `inflate` does. */
  begin(maxBytes: number, emit: (part: Buffer) => void): UnfinishedMessage {
    const output = new Output(maxBytes, emit)
    if (this.#compression.contextTakeover) return new UnfinishedMessage(this.#open(), output)
    // Whole messages of other connections may come before this one ends: it cannot use what they share.
    const context = openInflateContext(this.#compression)
    return new UnfinishedMessage(context, output, () => context.close())
  }

  /** Frees the context of a connection that is over; one that connections share stays. */
  close(): void {
    if (!this.#compression.contextTakeover) return
    this.#context?.close()
    this.#context = undefined
  }

  #open(): InflateContext {
    this.#context ??= openInflateContext(this.#compression)
    return this.#context
  }
}

/** A message whose end has not arrived. */
export class UnfinishedMessage {
  readonly #context: InflateContext
  readonly #output: Output
  readonly #free: () => void

  constructor(context: InflateContext, output: Output, free: () => void = () => {}) {
    this.#context = context
    this.#output = output
    this.#free = free
  }

  push(part: Uint8Array): void {
    this.#context.push(part, this.#output)
  }

  end(): void {
    this.#context.end(this.#output)
    this.#free()
  }

  /** Gives the message up, also after `push` or `end` threw. */
  abandon(): void {
    this.#free()
  }
}

const shared = new Inflater({ windowBits: 15, contextTakeover: false })

/**
 * What decompresses for a connection. Without context takeover, one object serves the whole process: it takes messages of
 * any window.
 */
export function inflaterFor(compression: Compression): Inflater {
  return compression.contextTakeover ? new Inflater(compression) : shared
}
