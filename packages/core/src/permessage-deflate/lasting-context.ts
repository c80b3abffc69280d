import { constants, createDeflateRaw, createInflateRaw, type ZlibOptions } from 'node:zlib'
import { type DeflateContext, type InflateContext, TAIL } from './context.ts'
import { collect, type Output } from './output.ts'
import { SyncStream } from './sync-stream.ts'

/** Node's smallest. It makes a buffer of this size for each stream, which a `SyncStream` does not use. */
const CHUNK_BYTES = 64

/** A compressor that lasts, for one message after the other. */
export class LastingDeflateContext implements DeflateContext {
  readonly #stream: SyncStream

  /** Without context takeover, a full flush ends each message: nothing after it refers to what came before. */
  constructor(options: ZlibOptions, contextTakeover: boolean) {
    const flush = contextTakeover ? constants.Z_SYNC_FLUSH : constants.Z_FULL_FLUSH
    this.#stream = new SyncStream(createDeflateRaw({ ...options, chunkSize: CHUNK_BYTES }), flush)
  }

  deflate(payload: Uint8Array): Buffer {
    return collect(Number.POSITIVE_INFINITY, (output) => this.#stream.run(payload, output))
  }

  close(): void {
    this.#stream.close()
  }
}

/** A decompressor that lasts, for one message after the other. */
export class LastingInflateContext implements InflateContext {
  readonly #stream: SyncStream
  readonly #contextTakeover: boolean

  constructor(options: ZlibOptions, contextTakeover: boolean) {
    this.#stream = new SyncStream(createInflateRaw({ ...options, chunkSize: CHUNK_BYTES }))
    this.#contextTakeover = contextTakeover
  }

  push(part: Uint8Array, output: Output): void {
    for (let rest = part; rest.length > 0; ) rest = rest.subarray(this.#run(rest, output))
  }

  get hasMore(): boolean {
    return this.#stream.isFull
  }

  step(part: Uint8Array, output: Output): number {
    return this.#run(part, output, 'step')
  }

  end(output: Output): void {
    this.#run(TAIL, output)
    if (!this.#contextTakeover) this.#stream.reset()
  }

  close(): void {
    this.#stream.close()
  }

  /** Returns how many bytes were taken: what follows a final block is a data set of its own (RFC 1951 §3.2.3). */
  #run(input: Uint8Array, output: Output, extent: 'all' | 'step' = 'all'): number {
    const stream = this.#stream
    try {
      const taken = extent === 'all' ? stream.run(input, output) : stream.step(input, 0, output)
      if (taken < input.length && !stream.isFull) {
        output.countFinalBlock()
        stream.reset()
      }
      return taken
    } catch (error) {
      stream.reset()
      throw error
    }
  }
}
