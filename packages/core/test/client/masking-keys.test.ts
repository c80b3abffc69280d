import { describe, expect, it } from 'vitest'
import { maskingKeysFrom, randomMaskingKeys } from '../../src/client/masking-keys.ts'

describe('masking keys', () => {
  it('differ from frame to frame, also when the pool is filled anew (CVE-2025-10148)', () => {
    const nextKey = randomMaskingKeys()
    const keys = Array.from({ length: 5000 }, nextKey)
    expect(new Set(keys).size).toBeGreaterThan(4990)
  })

  it('are other ones for another client', () => {
    const [first, second] = [randomMaskingKeys(), randomMaskingKeys()]
    expect(Array.from({ length: 8 }, first)).not.toEqual(Array.from({ length: 8 }, second))
  })

  it('have every bit set in some and clear in others', () => {
    const keys = Array.from({ length: 2048 }, randomMaskingKeys())
    expect(keys.reduce((seen, key) => seen | key, 0)).toBe(-1)
    expect(keys.reduce((seen, key) => seen & key, -1)).toBe(0)
  })

  it('can come from a function that fills 4 bytes, the first of which masks the first byte', () => {
    const nextKey = maskingKeysFrom((key) => key.set([0x01, 0x02, 0x03, 0x84]))
    expect(nextKey()).toBe(0x84030201 | 0)
  })
})
