import { describe, expect, it } from 'vitest'
import { BitReader } from '../../driver/bit-reader.ts'
import { HuffmanCode } from '../../driver/huffman.ts'

/** The example of RFC 1951 §3.2.2: A to H have 010 011 100 101 110 00 1110 1111. */
const EXAMPLE = [3, 3, 3, 3, 3, 2, 4, 4]

/** Bits as they come, the first of each byte lowest. */
function stream(bits: string): BitReader {
  const bytes = bits.match(/.{1,8}/g) ?? []
  return new BitReader(Buffer.from(bytes.map((byte) => Number.parseInt([...byte].reverse().join(''), 2))))
}

describe('a Huffman code', () => {
  it('is made from the lengths alone', () => {
    const code = new HuffmanCode(EXAMPLE)
    const bits = stream(['010', '011', '100', '101', '110', '00', '1110', '1111'].join(''))
    expect(EXAMPLE.map(() => code.read(bits))).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
  })

  it('may have one symbol only, and then has codes that mean nothing', () => {
    const code = new HuffmanCode([0, 1])
    expect(code.read(stream('0'))).toBe(1)
    expect(() => code.read(stream('1'))).toThrow('a code that means nothing')
  })

  it('may be empty as long as nothing is read by it', () => {
    expect(() => new HuffmanCode([0, 0]).read(stream('0'))).toThrow('a code that means nothing')
  })

  it('cannot have more codes than there are', () => {
    expect(() => new HuffmanCode([1, 1, 1])).toThrow('over-full')
    expect(() => new HuffmanCode([1, 2, 2, 2])).toThrow('over-full')
  })
})
