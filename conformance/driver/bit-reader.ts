import { Violation } from './violation.ts'

/** Reads bits as DEFLATE packs them, the lowest of a byte first (RFC 1951 §3.1.1). */
export class BitReader {
  readonly #bytes: Uint8Array
  #at = 0
  #held = 0
  #heldBits = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  get isAtEnd(): boolean {
    return this.#heldBits === 0 && this.#at >= this.#bytes.length
  }

  /** The next bits, at most 16, which stay. After the end they are 0. */
  peek(count: number): number {
    while (this.#heldBits < count) {
      this.#held |= (this.#bytes[this.#at++] ?? 0) << this.#heldBits
      this.#heldBits += 8
    }
    return this.#held & ((1 << count) - 1)
  }

  /** Throws a Violation where there are not so many. */
  skip(count: number): void {
    this.#held >>>= count
    this.#heldBits -= count
    const unread = this.#at - (this.#heldBits >> 3)
    if (unread > this.#bytes.length) throw new Violation('compressed data that ends too early')
  }

  read(count: number): number {
    const bits = this.peek(count)
    this.skip(count)
    return bits
  }

  /** Leaves out what is left of a byte that has been begun. */
  align(): void {
    this.skip(this.#heldBits & 7)
  }
}
