import type { BitReader } from './bit-reader.ts'
import { Violation } from './violation.ts'

const LONGEST_CODE = 15

/**
 * A prefix code of RFC 1951 §3.2.2, as one table: indexed by as many bits as its longest code has, an entry is the
 * symbol whose code those bits begin with, times sixteen, plus the length of that code. 0 is no code's beginning.
 */
export class HuffmanCode {
  readonly #table: Uint16Array
  readonly #bits: number

  /** From the length of each symbol's code. Throws a Violation where more codes are wanted than there are. */
  constructor(lengths: readonly number[]) {
    this.#bits = Math.max(1, ...lengths)
    this.#table = new Uint16Array(1 << this.#bits)
    let next = 0
    for (let length = 1; length <= LONGEST_CODE; length++, next <<= 1) {
      for (let symbol = 0; symbol < lengths.length; symbol++) {
        if (lengths[symbol] === length) this.#add(next++, length, symbol)
      }
      if (next > 1 << length) throw new Violation('compressed with a Huffman code that is over-full')
    }
  }

  /** Throws a Violation at bits that are no code. */
  read(bits: BitReader): number {
    const entry = this.#table[bits.peek(this.#bits)]!
    if (entry === 0) throw new Violation('compressed with a code that means nothing')
    bits.skip(entry & 15)
    return entry >> 4
  }

  /** A code lies in the stream with its first bit lowest. */
  #add(code: number, length: number, symbol: number): void {
    for (let at = reversed(code, length); at < this.#table.length; at += 1 << length) {
      this.#table[at] = (symbol << 4) | length
    }
  }
}

function reversed(code: number, length: number): number {
  let result = 0
  for (let bit = 0; bit < length; bit++) result |= ((code >> bit) & 1) << (length - 1 - bit)
  return result
}
