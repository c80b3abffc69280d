const FIRST_BLOCK_BYTES = 256
/** What is this long needs no gathering. */
export const LARGEST_BLOCK_BYTES = 16 * 1024

/**
 * What waits for a peer that does not read, gathered so that it costs about its bytes: a buffer and a stream entry for each
 * small frame would cost ten times as much.
 */
export class Backlog {
  #parts: Buffer[] = []
  #block: Buffer | undefined
  #filled = 0

  /** Adds a copy of `part`. */
  copy(part: Buffer): void {
    const block = this.#blockFor(part.length)
    this.#filled += part.copy(block, this.#filled)
  }

  /** Adds `part` itself, which must stay as it is. */
  append(part: Buffer): void {
    this.#seal()
    this.#parts.push(part)
  }

  /** All of it, in order. */
  take(): Buffer[] {
    this.#seal()
    const parts = this.#parts
    this.#parts = []
    return parts
  }

  #blockFor(bytes: number): Buffer {
    const block = this.#block
    if (block && block.length - this.#filled >= bytes) return block
    const larger = Math.min((block?.length ?? FIRST_BLOCK_BYTES / 2) * 2, LARGEST_BLOCK_BYTES)
    this.#seal()
    this.#block = Buffer.allocUnsafeSlow(Math.max(larger, bytes))
    return this.#block
  }

  #seal(): void {
    if (this.#block) this.#parts.push(this.#block.subarray(0, this.#filled))
    this.#block = undefined
    this.#filled = 0
  }
}
