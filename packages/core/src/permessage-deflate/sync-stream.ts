import { constants, createDeflateRaw, createInflateRaw, type DeflateRaw, type InflateRaw } from 'node:zlib'
import { protocolError } from '../protocol/protocol-error.ts'
import { Output } from './output.ts'

/**
 * What is used of a zlib stream beyond its documentation: the native handle, which works synchronously and keeps its
 * context, and the two numbers it leaves after each call. Node's own synchronous functions work this way.
 */
interface Internals {
  /** `null` once the stream is closed. */
  readonly _handle: Handle | null
  /** Bytes left of the output, bytes left of the input. */
  readonly _writeState: Uint32Array
}

interface Handle {
  onerror: (message: string, errno: number, code: string) => void
  writeSync(
    flush: number,
    input: Uint8Array,
    inputOffset: number,
    inputBytes: number,
    output: Uint8Array,
    outputOffset: number,
    outputBytes: number,
  ): void
}

const SCRATCH_BYTES = 64 * 1024

/** Output on its way. One is enough, for nothing else runs before it is copied. */
let scratch: Buffer | undefined

/** A zlib stream of Node's, used without its streaming: input goes in and output comes out in one synchronous call. */
export class SyncStream {
  readonly #stream: (DeflateRaw | InflateRaw) & Internals
  readonly #flush: number
  #failed = false
  #isFull = false

  /** `flush` is what ends the output of a `run`. */
  constructor(stream: DeflateRaw | InflateRaw, flush: number = constants.Z_SYNC_FLUSH) {
    this.#stream = stream as typeof stream & Internals
    this.#flush = flush
    const { _handle: handle } = this.#stream
    if (handle === null) return
    handle.onerror = () => {
      this.#failed = true
    }
  }

  /** Whether the last step has filled its room: more output may wait, with or without more input. */
  get isFull(): boolean {
    return this.#isFull
  }

  /**
   * Puts `input` through and flushes it into `output`. Returns how many bytes were taken: fewer than there are, where a
   * final block ended what is inflated (RFC 1951 §3.2.3). Throws a ProtocolError for data that cannot be inflated, and
   * where `output` is full; never is more than one byte too many inflated. After that only `reset` helps. A closed stream
   * takes all and gives nothing.
   */
  run(input: Uint8Array, output: Output): number {
    let taken = 0
    do taken += this.step(input, taken, output)
    while (this.#isFull)
    return taken
  }

  /** Does the same with `input[start, …)`, until 64 KiB have come out. */
  step(input: Uint8Array, start: number, output: Output): number {
    scratch ??= Buffer.allocUnsafeSlow(SCRATCH_BYTES)
    const { _writeState: state, _handle: handle } = this.#stream
    this.#isFull = false
    // Who is given output may close the stream, and a write to a closed handle would end the process.
    if (handle === null) return input.length - start
    const room = Math.min(SCRATCH_BYTES, output.room + 1)
    handle.writeSync(this.#flush, input, start, input.length - start, scratch, 0, room)
    if (this.#failed) throw protocolError('Z_DATA_ERROR')
    const [roomLeft, inputLeft] = state
    this.#isFull = roomLeft === 0
    if (roomLeft < room) output.add(Buffer.from(scratch.subarray(0, room - roomLeft)))
    return input.length - start - inputLeft
  }

  /** Forgets all that went through. */
  reset(): void {
    this.#failed = false
    this.#isFull = false
    if (this.#stream._handle !== null) this.#stream.reset()
  }

  close(): void {
    this.#stream.close()
  }
}

/** The last release on which the tests have passed: a call that a later one understands differently could end the process. */
const LAST_KNOWN_RELEASE = 26
const HELLO = Buffer.from('Hello, hello')

/** Whether this release of Node has what a `SyncStream` needs: tried out, with a round trip. */
export function hasSyncStreams(release: string = process.versions.node): boolean {
  if (Number.parseInt(release, 10) > LAST_KNOWN_RELEASE) return false
  const deflated: Buffer[] = []
  const inflated: Buffer[] = []
  try {
    through(createDeflateRaw(), HELLO, deflated)
    through(createInflateRaw(), Buffer.concat(deflated), inflated)
  } catch {
    return false
  }
  return Buffer.concat(inflated).equals(HELLO)
}

function through(stream: DeflateRaw | InflateRaw, input: Buffer, parts: Buffer[]): void {
  const sync = new SyncStream(stream)
  sync.run(input, new Output(input.length * 2, (part) => parts.push(part)))
  sync.close()
}
