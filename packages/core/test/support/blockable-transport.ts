import { Duplex } from 'node:stream'

type Done = (error?: Error | null) => void

/** A stream that keeps what is written to it, and takes no more while it is blocked, like a peer that does not read. */
export class BlockableTransport extends Duplex {
  /** One entry for each write of the stream, or gathered write of several chunks. */
  readonly writes: Buffer[][] = []
  #isBlocked = false
  #release: ((error?: Error) => void) | undefined

  /** The next write is not done before `unblock`; later ones wait behind it. */
  block(): void {
    this.#isBlocked = true
  }

  unblock(): void {
    this.#isBlocked = false
    this.#release?.()
    this.#release = undefined
  }

  get written(): Buffer {
    return Buffer.concat(this.writes.flat())
  }

  /** Sets in what the peer sends. */
  arrive(...frames: Uint8Array[]): void {
    this.push(Buffer.concat(frames))
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: Done): void {
    this.#take([chunk], done)
  }

  override _writev(chunks: { chunk: Buffer }[], done: Done): void {
    this.#take(
      chunks.map(({ chunk }) => chunk),
      done,
    )
  }

  override _destroy(error: Error | null, done: Done): void {
    this.#release?.(error ?? new Error('write EPIPE'))
    done(error)
  }

  #take(chunks: Buffer[], done: Done): void {
    const take = (error?: Error) => {
      if (!error) this.writes.push(chunks)
      done(error)
    }
    if (this.#isBlocked) this.#release = take
    else take()
  }
}
