import { describe, expect, it } from 'vitest'
import { bytesOf, filler, hex } from '../../vocabulary/payload.ts'

describe('a payload', () => {
  it('may be a text, which is UTF-8', () => {
    expect(bytesOf('µ').toString('hex')).toBe('c2b5')
  })

  it('may be the bytes that a view shows', () => {
    expect(bytesOf(new Uint8Array([1, 2, 3, 4]).subarray(1, 3)).toString('hex')).toBe('0203')
  })

  it('may be filler of any size, which begins again after 61 characters', () => {
    expect(bytesOf(filler(0)).length).toBe(0)
    expect(bytesOf(filler(64)).toString()).toBe(
      '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXY012',
    )
  })

  it('is written in hex with spaces where they help', () => {
    expect([...hex('f2 48cd')]).toEqual([0xf2, 0x48, 0xcd])
  })
})
