import { type DeflateContext, TAIL } from './context.ts'
import type { Compression } from './negotiation.ts'
import { openDeflateContext } from './open-context.ts'
import type { PerMessageDeflateSettings } from './options.ts'

type DeflateSettings = Pick<PerMessageDeflateSettings, 'threshold' | 'level' | 'memLevel'>

/**
 * Compresses outgoing messages (RFC 7692 §7.2.1). The context is made with the first: about 260 KiB with the default window
 * and memLevel.
 */
export class Deflater {
  /** Messages with fewer bytes are sent as they are. 0 with context takeover, by which short ones gain most. */
  readonly threshold: number
  readonly #compression: Compression
  readonly #settings: DeflateSettings
  #context: DeflateContext | undefined

  constructor(compression: Compression, settings: DeflateSettings) {
    this.threshold = compression.contextTakeover ? 0 : settings.threshold
    this.#compression = compression
    this.#settings = settings
  }

  /** The payload of a message, or of a fragment of one; `isLast` says that the message ends with it. */
  deflate(payload: Uint8Array, isLast = true): Buffer {
    // zlib gives nothing for nothing; one octet says an empty block without its tail (RFC 7692 §7.2.3.6).
    if (payload.length === 0) return isLast ? Buffer.of(0) : Buffer.alloc(0)
    this.#context ??= openDeflateContext(this.#compression, this.#settings)
    const blocks = this.#context.deflate(payload)
    return isLast ? blocks.subarray(0, -TAIL.length) : blocks
  }

  /** Frees the context of a connection that is over; a context that connections share stays. */
  close(): void {
    if (!this.#compression.contextTakeover) return
    this.#context?.close()
    this.#context = undefined
  }
}

/** Without context takeover, one of each kind serves the whole process. */
const shared = new Map<string, Deflater>()

/**
 * What compresses for a connection. Without context takeover it is the same object for all connections of the same
 * window and settings, so that a message to many is compressed once for each object.
 */
export function deflaterFor(compression: Compression, settings: DeflateSettings): Deflater {
  if (compression.contextTakeover) return new Deflater(compression, settings)
  const { threshold, level, memLevel } = settings
  const kind = [compression.windowBits, threshold, level, memLevel].join()
  const deflater = shared.get(kind) ?? new Deflater(compression, settings)
  shared.set(kind, deflater)
  return deflater
}
