import type { Direction } from '../vocabulary/compression.ts'
import { BitReader } from './bit-reader.ts'
import { HuffmanCode } from './huffman.ts'
import { Violation } from './violation.ts'

/** What a sender leaves out at the end of each message (RFC 7692 §7.2.1). */
const TAIL = Buffer.from('0000ffff', 'hex')
const END_OF_BLOCK = 256
const MOST_BYTES = 64 * 1024 * 1024

/** RFC 1951 §3.2.5 */
const LENGTHS = codes([0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5], 3)
const LONGEST_COPY = { base: 258, extraBits: 0 }
const DISTANCES = codes(
  [0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13],
  1,
)

/** RFC 1951 §3.2.6 */
const FIXED_LITERALS = new HuffmanCode([
  ...Array<number>(144).fill(8),
  ...Array<number>(112).fill(9),
  ...Array<number>(24).fill(7),
  ...Array<number>(8).fill(8),
])
const FIXED_DISTANCES = new HuffmanCode(Array<number>(30).fill(5))

/** RFC 1951 §3.2.7 */
const LENGTH_CODE_ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]

/**
 * Reads compressed messages. It is not zlib's, because zlib does not say how far back a copy reaches: here one that
 * reaches beyond the window that was agreed, or into a message before where none may, is a Violation.
 */
export class Inflater {
  readonly #windowBytes: number
  readonly #keepsWindow: boolean
  #bytes = Buffer.alloc(0)
  #length = 0

  constructor({ windowBits, noContextTakeover }: Required<Direction>) {
    this.#windowBytes = 1 << windowBits
    this.#keepsWindow = !noContextTakeover
  }

  inflate(message: Uint8Array): Buffer {
    const start = this.#begin()
    const bits = new BitReader(Buffer.concat([message, TAIL]))
    while (!bits.isAtEnd) this.#readBlock(bits)
    return Buffer.from(this.#bytes.subarray(start, this.#length))
  }

  /** Moves the window to the front; what follows it is the message. */
  #begin(): number {
    const windowStart = this.#keepsWindow ? Math.max(0, this.#length - this.#windowBytes) : this.#length
    this.#bytes.copyWithin(0, windowStart, this.#length)
    this.#length -= windowStart
    return this.#length
  }

  #readBlock(bits: BitReader): void {
    const isFinal = bits.read(1) === 1
    switch (bits.read(2)) {
      case 0:
        this.#readStored(bits)
        break
      case 1:
        this.#readSymbols(bits, FIXED_LITERALS, FIXED_DISTANCES)
        break
      case 2:
        this.#readSymbols(bits, ...readCodes(bits))
        break
      default:
        throw new Violation('compressed with a block type that does not exist')
    }
    // RFC 7692 §7.2.3.4: a new stream may follow, from the next byte on.
    if (isFinal) bits.align()
  }

  #readStored(bits: BitReader): void {
    bits.align()
    const [length, complement] = [bits.read(16), bits.read(16)]
    if ((length ^ complement) !== 0xffff) throw new Violation('compressed with a stored block of two lengths')
    this.#reserve(length)
    for (let count = 0; count < length; count++) this.#bytes[this.#length++] = bits.read(8)
  }

  #readSymbols(bits: BitReader, literals: HuffmanCode, distances: HuffmanCode): void {
    for (;;) {
      const symbol = literals.read(bits)
      if (symbol === END_OF_BLOCK) return
      this.#reserve(LONGEST_COPY.base)
      if (symbol < END_OF_BLOCK) this.#bytes[this.#length++] = symbol
      else this.#copy(readLength(bits, symbol), valueIn(bits, DISTANCES[distances.read(bits)]))
    }
  }

  #copy(length: number, distance: number): void {
    const reach = Math.min(this.#windowBytes, this.#length)
    if (distance > reach)
      throw new Violation(`compressed with a copy from ${distance} bytes back, over ${reach}`)
    const bytes = this.#bytes
    const end = this.#length + length
    for (let at = this.#length; at < end; at++) bytes[at] = bytes[at - distance]!
    this.#length = end
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#bytes.length) return
    if (this.#length > MOST_BYTES)
      throw new Violation(`compressed more than ${MOST_BYTES} bytes in one message`)
    const grown = Buffer.allocUnsafe(2 * this.#bytes.length + count + 4096)
    this.#bytes.copy(grown, 0, 0, this.#length)
    this.#bytes = grown
  }
}

function readCodes(bits: BitReader): [literals: HuffmanCode, distances: HuffmanCode] {
  const [literals, distances, lengthCodes] = [bits.read(5) + 257, bits.read(5) + 1, bits.read(4) + 4]
  const lengthLengths = Array<number>(19).fill(0)
  for (const symbol of LENGTH_CODE_ORDER.slice(0, lengthCodes)) lengthLengths[symbol] = bits.read(3)
  const lengths = readLengths(bits, new HuffmanCode(lengthLengths), literals + distances)
  return [new HuffmanCode(lengths.slice(0, literals)), new HuffmanCode(lengths.slice(literals))]
}

function readLengths(bits: BitReader, code: HuffmanCode, count: number): number[] {
  const lengths: number[] = []
  while (lengths.length < count) {
    const symbol = code.read(bits)
    if (symbol < 16) lengths.push(symbol)
    else if (symbol === 16) lengths.push(...Array<number>(bits.read(2) + 3).fill(lengths.at(-1) ?? 0))
    else lengths.push(...Array<number>(symbol === 17 ? bits.read(3) + 3 : bits.read(7) + 11).fill(0))
  }
  if (lengths.length > count) throw new Violation('compressed with more code lengths than it said')
  return lengths
}

interface RangeCode {
  readonly base: number
  readonly extraBits: number
}

/** Each code begins where the one before it ends. */
function codes(extraBits: readonly number[], first: number): RangeCode[] {
  let base = first
  return extraBits.map((extra) => {
    const code = { base, extraBits: extra }
    base += 1 << extra
    return code
  })
}

function readLength(bits: BitReader, symbol: number): number {
  const index = symbol - END_OF_BLOCK - 1
  return valueIn(bits, index === LENGTHS.length ? LONGEST_COPY : LENGTHS[index])
}

function valueIn(bits: BitReader, code: RangeCode | undefined): number {
  if (!code) throw new Violation('compressed with a code that means nothing')
  return code.base + bits.read(code.extraBits)
}
