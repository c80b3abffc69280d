import { describe, expect, it } from 'vitest'
import { BitReader } from '../../driver/bit-reader.ts'

const reader = (hex: string) => new BitReader(Buffer.from(hex, 'hex'))

describe('bits', () => {
  it('are read with the lowest of a byte first', () => {
    const bits = reader('b2e1')
    expect([bits.read(1), bits.read(3), bits.read(8), bits.read(4)]).toEqual([0, 0b001, 0b00011011, 0b1110])
    expect(bits.isAtEnd).toBe(true)
  })

  it('stay when they are only looked at', () => {
    const bits = reader('05')
    expect([bits.peek(3), bits.peek(3), bits.read(3)]).toEqual([5, 5, 5])
  })

  it('are left out up to the next byte', () => {
    const bits = reader('ff0102')
    bits.read(3)
    bits.align()
    expect([bits.read(8), bits.read(8)]).toEqual([1, 2])
    bits.align()
    expect(bits.isAtEnd).toBe(true)
  })

  it('are zeros after the end for who looks, and a violation for who takes them', () => {
    const bits = reader('ff')
    expect(bits.peek(16)).toBe(0xff)
    bits.skip(8)
    expect(() => bits.read(1)).toThrow('ends too early')
  })
})
