import { describe, expect, it } from 'vitest'
import {
  headerBytes,
  MASK,
  MAX_HEADER_BYTES,
  readUint32,
  writeHeader,
} from '../../src/protocol/frame-header.ts'

const TEXT = 0x81
const LENGTHS: readonly [length: number, header: string, masked: string][] = [
  [0, '8100', '8180'],
  [1, '8101', '8181'],
  [125, '817d', '81fd'],
  [126, '817e007e', '81fe007e'],
  [127, '817e007f', '81fe007f'],
  [255, '817e00ff', '81fe00ff'],
  [256, '817e0100', '81fe0100'],
  [65535, '817effff', '81feffff'],
  [65536, '817f0000000000010000', '81ff0000000000010000'],
  [0x7fff_ffff, '817f000000007fffffff', '81ff000000007fffffff'],
  [0x8000_0000, '817f0000000080000000', '81ff0000000080000000'],
  [0xffff_ffff, '817f00000000ffffffff', '81ff00000000ffffffff'],
  [0x1_0000_0000, '817f0000000100000000', '81ff0000000100000000'],
  [Number.MAX_SAFE_INTEGER, '817f001fffffffffffff', '81ff001fffffffffffff'],
]

describe('a written header', () => {
  it.each(LENGTHS)('for %d bytes takes the fewest: %s, masked %s', (length, header, masked) => {
    for (const [mask, expected] of [
      [0, header],
      [MASK, masked],
    ] as const) {
      const target = Buffer.alloc(MAX_HEADER_BYTES + 2, 0xee)
      const end = writeHeader(target, 1, TEXT, length, mask)
      expect(end).toBe(1 + headerBytes(length))
      expect(target.toString('hex')).toBe(`ee${expected}${'ee'.repeat(target.length - end)}`)
    }
  })

  it('begins with the byte it was given', () => {
    const target = Buffer.alloc(2)
    writeHeader(target, 0, 0xff, 0, 0)
    expect(target.toString('hex')).toBe('ff00')
  })

  it('is never longer than the longest, key included', () => {
    expect(headerBytes(Number.MAX_SAFE_INTEGER) + 4).toBe(MAX_HEADER_BYTES)
  })
})

describe('a 32-bit number', () => {
  it.each([0, 1, 0x0102_0304, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff])('is read unsigned: %d', (value) => {
    const source = Buffer.alloc(6)
    source.writeUInt32BE(value, 1)
    expect(readUint32(source, 1)).toBe(value)
  })
})
