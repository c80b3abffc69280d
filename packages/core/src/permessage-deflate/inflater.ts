import type { InflateContext } from './context.ts'
import type { Compression } from './negotiation.ts'
import { openInflateContext } from './open-context.ts'
import { collect } from './output.ts'
import { UnfinishedMessage } from './unfinished-message.ts'

/**
 * Decompresses incoming messages (RFC 7692 §7.2.2). The context is made with the first: up to 42 KiB with the default
 * window.
 */
export class Inflater {
  readonly #compression: Compression
  #context: InflateContext | undefined
  #isInUse = false
  #isClosed = false

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

  /** Begins a message that is inflated as it arrives, and no further than it is asked for. It throws as `inflate` does. */
  begin(maxBytes: number): UnfinishedMessage {
    // Whole messages of other connections may come before this one ends: it cannot use what they share.
    if (!this.#compression.contextTakeover) {
      const context = openInflateContext(this.#compression)
      return new UnfinishedMessage(context, maxBytes, false, () => context.close())
    }
    this.#isInUse = true
    return new UnfinishedMessage(this.#open(), maxBytes, true, () => {
      this.#isInUse = false
      if (this.#isClosed) this.close()
    })
  }

  /** Frees the context of a connection that is over, once its last message is; one that connections share stays. */
  close(): void {
    if (!this.#compression.contextTakeover) return
    this.#isClosed = this.#isInUse
    if (this.#isInUse) return
    this.#context?.close()
    this.#context = undefined
  }

  #open(): InflateContext {
    this.#context ??= openInflateContext(this.#compression)
    return this.#context
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
