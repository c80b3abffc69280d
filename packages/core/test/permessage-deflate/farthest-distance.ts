/** RFC 1951 §3.2.5: where the lengths and distances of each code begin, and how many bits come after it. */
const EXTRA_LENGTH_BITS = [
  0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0,
]
const FIRST_DISTANCE = [
  1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097,
  6145, 8193, 12289, 16385, 24577,
]
/** RFC 1951 §3.2.7: the order in which the lengths of the code length code come. */
const CODE_LENGTH_ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]

type Code = ReadonlyMap<string, number>

/** How far back the farthest match of DEFLATE blocks refers, in bytes; 0 without a match. Blocks end at the last byte. */
export function farthestDistance(blocks: Uint8Array): number {
  const bits = new Bits(blocks)
  let farthest = 0
  while (!bits.atEnd) {
    bits.take(1)
    const type = bits.take(2)
    if (type === 0) bits.skipStored()
    else farthest = Math.max(farthest, farthestInBlock(bits, type === 1 ? FIXED_CODES : readCodes(bits)))
  }
  return farthest
}

function farthestInBlock(bits: Bits, [literals, distances]: readonly [Code, Code]): number {
  let farthest = 0
  for (;;) {
    const symbol = bits.symbol(literals)
    if (symbol === 256) return farthest
    if (symbol < 256) continue
    bits.take(EXTRA_LENGTH_BITS[symbol - 257])
    const code = bits.symbol(distances)
    farthest = Math.max(farthest, FIRST_DISTANCE[code] + bits.take(Math.max(0, (code >> 1) - 1)))
  }
}

function readCodes(bits: Bits): [Code, Code] {
  const literals = bits.take(5) + 257
  const distances = bits.take(5) + 1
  const ordered = new Array<number>(19).fill(0)
  const count = bits.take(4) + 4
  for (const symbol of CODE_LENGTH_ORDER.slice(0, count)) ordered[symbol] = bits.take(3)
  const code = codeOf(ordered)
  const lengths: number[] = []
  while (lengths.length < literals + distances) {
    const symbol = bits.symbol(code)
    if (symbol < 16) lengths.push(symbol)
    else if (symbol === 16) repeat(lengths, lengths[lengths.length - 1], 3 + bits.take(2))
    else repeat(lengths, 0, symbol === 17 ? 3 + bits.take(3) : 11 + bits.take(7))
  }
  return [codeOf(lengths.slice(0, literals)), codeOf(lengths.slice(literals))]
}

function repeat(lengths: number[], length: number, times: number): void {
  for (let count = 0; count < times; count++) lengths.push(length)
}

/** RFC 1951 §3.2.2: codes of one length are consecutive. */
function codeOf(lengths: readonly number[]): Code {
  const code = new Map<string, number>()
  let next = 0
  for (let length = 1; length <= 15; length++) {
    for (const [symbol, own] of lengths.entries()) {
      if (own === length) code.set((next++).toString(2).padStart(length, '0'), symbol)
    }
    next *= 2
  }
  return code
}

const FIXED_CODES: readonly [Code, Code] = [
  codeOf(
    Array.from({ length: 288 }, (_, symbol) => (symbol < 144 ? 8 : symbol < 256 ? 9 : symbol < 280 ? 7 : 8)),
  ),
  codeOf(new Array(30).fill(5)),
]

/** Bits from the least significant one of each byte. */
class Bits {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  get atEnd(): boolean {
    return this.#at >= this.#bytes.length * 8
  }

  take(count: number): number {
    let value = 0
    for (let index = 0; index < count; index++) value |= this.#next() << index
    return value
  }

  symbol(code: Code): number {
    let read = ''
    while (read.length < 15) {
      read += this.#next()
      const symbol = code.get(read)
      if (symbol !== undefined) return symbol
    }
    throw new RangeError(`no code begins with ${read}`)
  }

  skipStored(): void {
    this.#at = Math.ceil(this.#at / 8) * 8
    const length = this.take(16)
    this.#at += 16 + length * 8
  }

  #next(): number {
    if (this.atEnd) throw new RangeError('the blocks end within a code')
    const bit = (this.#bytes[this.#at >> 3] >> (this.#at & 7)) & 1
    this.#at++
    return bit
  }
}
