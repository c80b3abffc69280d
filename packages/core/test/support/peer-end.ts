import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { readClose, readFrames, type WireFrame } from '@upwire/testkit'

/**
 * The peer's end of an opened stream: raw bytes out, bytes and frames in. It reads from the start, until `stopReading`, and
 * answers FIN with FIN, unless told to `keepOpen`.
 */
export class PeerEnd {
  readonly stream: Duplex
  /** What has arrived, one entry for each time that something did. */
  readonly chunks: Buffer[] = []
  #framesTaken = 0
  #hasEnded = false
  #staysOpen = false
  readonly #checks = new Set<() => void>()

  constructor(stream: Duplex) {
    this.stream = stream
    const check = () => {
      for (const check of [...this.#checks]) check()
    }
    const end = () => {
      this.#hasEnded = true
      check()
    }
    stream.on('data', (chunk: Buffer) => {
      this.chunks.push(chunk)
      check()
    })
    stream
      .on('error', () => {})
      .on('end', end)
      .on('close', end)
    stream.on('end', () => {
      if (!this.#staysOpen) stream.end()
    })
  }

  get received(): Buffer {
    return Buffer.concat(this.chunks)
  }

  /** Resolves when the other end has sent FIN, or is gone. */
  get ended(): Promise<void> {
    return this.#until('the end', () => this.#hasEnded || undefined).then(() => undefined)
  }

  /** All is one write, for the other end to read as one chunk. */
  write(...frames: Uint8Array[]): void {
    this.stream.write(Buffer.concat(frames))
  }

  /** Sends FIN. */
  end(): void {
    this.stream.end()
  }

  /** Sends RST where there is a network, else just goes. */
  reset(): void {
    if (this.stream instanceof Socket) this.stream.resetAndDestroy()
    else this.stream.destroy()
  }

  /** From now on FIN is not answered. */
  keepOpen(): void {
    this.#staysOpen = true
  }

  stopReading(): void {
    this.stream.pause()
  }

  readOn(): void {
    this.stream.resume()
  }

  /** Resolves with the first `count` bytes, in hex. */
  hex(count: number): Promise<string> {
    return this.#until(`${count} bytes`, () => {
      const { received } = this
      return received.length < count ? undefined : received.toString('hex', 0, count)
    })
  }

  /** The next `count` frames, each given once. */
  frames(count: number): Promise<WireFrame[]> {
    return this.#until(`${count} more frames`, () => {
      const frames = readFrames(this.received).frames.slice(this.#framesTaken, this.#framesTaken + count)
      if (frames.length < count) return
      this.#framesTaken += count
      return frames
    })
  }

  /** The payloads of the next `count` frames as text. */
  async texts(count: number): Promise<string[]> {
    const frames = await this.frames(count)
    return frames.map(({ payload }) => payload.toString())
  }

  /** The Close frame, as soon as it has come. */
  nextClose(): Promise<{ code: number; reason: string }> {
    return this.#until('a Close frame', () => {
      const frame = readFrames(this.received).frames.find(({ opcode }) => opcode === 0x8)
      return frame && readClose(frame)
    })
  }

  #until<Result>(what: string, attempt: () => Result | undefined): Promise<Result> {
    return new Promise((resolve, reject) => {
      const check = () => {
        const result = attempt()
        if (result === undefined && !this.#hasEnded) return
        this.#checks.delete(check)
        if (result !== undefined) return resolve(result)
        reject(new Error(`The stream ended before ${what}; arrived: ${this.received.toString('hex')}`))
      }
      this.#checks.add(check)
      check()
    })
  }
}
