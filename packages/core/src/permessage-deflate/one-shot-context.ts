import { constants, deflateRawSync, inflateRawSync, type ZlibOptions } from 'node:zlib'
import { protocolError } from '../protocol/protocol-error.ts'
import { type DeflateContext, type InflateContext, TAIL } from './context.ts'
import type { Output } from './output.ts'

const FLUSHED = { finishFlush: constants.Z_SYNC_FLUSH } satisfies ZlibOptions
/** zlib takes limits up to here at least; where more may come, the output watches its end alone. */
const LARGEST_LIMIT_BYTES = 2 ** 31 - 1

/** Compresses by documented calls alone, with a compressor for each message. */
export class OneShotDeflateContext implements DeflateContext {
  readonly #options: ZlibOptions
  readonly #history: History

  constructor(options: ZlibOptions, contextTakeover: boolean) {
    this.#options = { ...options, ...FLUSHED }
    this.#history = historyFor(options, contextTakeover)
  }

  deflate(payload: Uint8Array): Buffer {
    const blocks = deflateRawSync(payload, { ...this.#options, dictionary: this.#history.window })
    this.#history.add(payload)
    return blocks
  }

  close(): void {
    this.#history.clear()
  }
}

/** Decompresses by documented calls alone: holds the parts of a message, and has a decompressor for each message. */
export class OneShotInflateContext implements InflateContext {
  readonly #options: ZlibOptions
  readonly #history: History
  #held: Uint8Array[] = []

  constructor(options: ZlibOptions, contextTakeover: boolean) {
    this.#options = { ...options, ...FLUSHED, info: true }
    this.#history = historyFor(options, contextTakeover)
  }

  push(part: Uint8Array): void {
    this.#held.push(Buffer.from(part))
  }

  /** Nothing comes out before the end. */
  readonly hasMore = false

  step(part: Uint8Array): number {
    this.push(part)
    return part.length
  }

  end(output: Output): void {
    let rest = Buffer.concat([...this.#held, TAIL])
    this.#held = []
    // More than the tail is left where a final block came first: what follows is a data set of its own (RFC 1951 §3.2.3).
    do rest = rest.subarray(this.#inflate(rest, output))
    while (rest.length > TAIL.length)
  }

  close(): void {
    this.#held = []
    this.#history.clear()
  }

  /** Inflates up to a final block, and returns how many bytes that took. */
  #inflate(input: Buffer, output: Output): number {
    const { buffer, engine } = this.#read(input, output.room)
    output.add(buffer)
    if (engine.bytesWritten < input.length) {
      output.countFinalBlock()
      this.#history.clear()
    } else {
      this.#history.add(buffer)
    }
    return engine.bytesWritten
  }

  #read(input: Buffer, room: number): Info {
    const maxOutputLength = Math.min(Math.max(1, room), LARGEST_LIMIT_BYTES)
    try {
      const options = { ...this.#options, maxOutputLength, dictionary: this.#history.window }
      return inflateRawSync(input, options) as unknown as Info
    } catch (error) {
      this.#history.clear()
      throw protocolError(isTooLong(error) ? 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH' : 'Z_DATA_ERROR')
    }
  }
}

/** What Node returns with the option `info`; `bytesWritten` is how much of the input was taken. */
interface Info {
  readonly buffer: Buffer
  readonly engine: { readonly bytesWritten: number }
}

function isTooLong(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE'
}

/** The last bytes of what has gone through, where the next message may refer to them; a dictionary to zlib. */
class History {
  readonly #maxBytes: number
  #window: Buffer | undefined

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  get window(): Buffer | undefined {
    return this.#window
  }

  add(bytes: Uint8Array): void {
    if (this.#maxBytes === 0 || bytes.length === 0) return
    const known = this.#window ?? Buffer.alloc(0)
    const both = Buffer.concat([known, bytes.subarray(-this.#maxBytes)])
    this.#window = Buffer.from(both.subarray(-this.#maxBytes))
  }

  clear(): void {
    this.#window = undefined
  }
}

function historyFor({ windowBits = 15 }: ZlibOptions, contextTakeover: boolean): History {
  return new History(contextTakeover ? 2 ** windowBits : 0)
}
