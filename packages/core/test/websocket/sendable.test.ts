import { describe, expect, it } from 'vitest'
import {
  checkControlSize,
  isBlob,
  type Sendable,
  sendableBytes,
  sendableSize,
} from '../../src/websocket/sendable.ts'

describe('what can be sent', () => {
  it.each<[what: string, data: Exclude<Sendable, Blob>, hex: string]>([
    ['a string', '€', 'e282ac'],
    ['a number, as its digits', 10, '3130'],
    ['zero', 0, '30'],
    ['bytes', new Uint8Array([1, 2]), '0102'],
    ['nothing', undefined, ''],
    ['null', null, ''],
    ['false', false, ''],
    ['an empty string', '', ''],
  ])('is %s, of which it knows the bytes and how many', (_what, data, hex) => {
    expect(sendableBytes(data).toString('hex')).toBe(hex)
    expect(sendableSize(data)).toBe(hex.length / 2)
  })

  it('is a Blob, which has a size before it is read', () => {
    expect(sendableSize(new Blob(['abc']))).toBe(3)
    expect([new Blob([]), new Uint8Array(1), 'a', null].map(isBlob)).toEqual([true, false, false, false])
  })

  it.each([true, {}, 1n])('is not %s', (data) => {
    expect(() => sendableBytes(data as never)).toThrow(TypeError)
  })

  it('is at most 125 bytes in a Ping or a Pong, of a Blob too', () => {
    for (const data of ['€'.repeat(41), new Blob(['x'.repeat(125)])]) {
      expect(() => checkControlSize(data)).not.toThrow()
    }
    for (const data of ['€'.repeat(42), new Blob(['x'.repeat(126)])]) {
      expect(() => checkControlSize(data)).toThrow('A Ping or a Pong carries at most 125 bytes')
    }
  })
})
