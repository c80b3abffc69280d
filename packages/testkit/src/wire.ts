import type { Duplex } from 'node:stream'

/** How long a wait may take, in milliseconds. */
const DEADLINE = 5000
const FIRST_BUFFER_BYTES = 1024
/** How much of what arrived an error shows. */
const SHOWN_BYTES = 512

/** What has arrived on a stream, and waits for more of it: each ends in time, and says what was there instead. */
export class Wire {
  readonly stream: Duplex
  #buffer = Buffer.alloc(FIRST_BUFFER_BYTES)
  #size = 0
  #error: Error | undefined
  #hasEnded = false
  readonly #checks = new Set<() => void>()

  constructor(stream: Duplex) {
    this.stream = stream
    stream.on('data', (chunk: Buffer) => this.#append(chunk))
    stream.on('end', () => this.#finish())
    stream.on('close', () => this.#finish())
    stream.on('error', (error) => this.#finish(error))
  }

  get bytes(): Buffer {
    return this.#buffer.subarray(0, this.#size)
  }

  /** Whether nothing more can arrive: FIN, RST, or an end of our own. */
  get hasEnded(): boolean {
    return this.#hasEnded
  }

  /** Asks `attempt` now and whenever something has arrived, until it gives something else than undefined. */
  until<T>(what: string, attempt: () => T | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      const settle = (outcome: () => void) => {
        clearTimeout(timer)
        this.#checks.delete(check)
        outcome()
      }
      const fail = (why: string) => {
        settle(() => reject(new Error(`${why} before ${what}; ${this.#shown()}`, { cause: this.#error })))
      }
      const check = () => {
        try {
          const result = attempt()
          if (result !== undefined) settle(() => resolve(result))
          else if (this.#hasEnded) fail('The connection ended')
        } catch (error) {
          settle(() => reject(error))
        }
      }
      const timer = setTimeout(() => fail(`${DEADLINE} ms passed`), DEADLINE)
      this.#checks.add(check)
      check()
    })
  }

  #append(chunk: Buffer): void {
    const size = this.#size + chunk.length
    if (size > this.#buffer.length) {
      this.#buffer = Buffer.concat([this.bytes], Math.max(size, this.#buffer.length * 2))
    }
    chunk.copy(this.#buffer, this.#size)
    this.#size = size
    this.#check()
  }

  #finish(error?: Error): void {
    this.#error ??= error
    this.#hasEnded = true
    this.#check()
  }

  #check(): void {
    for (const check of [...this.#checks]) check()
  }

  #shown(): string {
    const { bytes } = this
    const more = bytes.length > SHOWN_BYTES ? ` and ${bytes.length - SHOWN_BYTES} bytes more` : ''
    const cause = this.#error ? ` (${this.#error.message})` : ''
    return `arrived: ${bytes.toString('hex', 0, SHOWN_BYTES) || 'nothing'}${more}${cause}`
  }
}
