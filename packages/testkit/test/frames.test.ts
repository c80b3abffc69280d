import { describe, expect, it } from 'vitest'
import {
  binary,
  close,
  continuation,
  frame,
  MASKING_KEY,
  ping,
  pong,
  readClose,
  readFrames,
  text,
} from '../src/frames.ts'

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
const read = (bytes: string) => readFrames(Buffer.from(bytes, 'hex'))

describe('building frames', () => {
  it('gives the examples of RFC 6455 §5.7', () => {
    expect(hex(text('Hello', { mask: false }))).toBe('810548656c6c6f')
    expect(hex(text('Hello'))).toBe('818537fa213d7f9f4d5158')
    expect(hex(text('Hel', { mask: false, fin: false }))).toBe('010348656c')
    expect(hex(continuation('lo', { mask: false }))).toBe('80026c6f')
    expect(hex(ping('Hello', { mask: false }))).toBe('890548656c6c6f')
    expect(hex(pong('Hello'))).toBe('8a8537fa213d7f9f4d5158')
    expect(hex(binary(Buffer.alloc(256), { mask: false })).slice(0, 8)).toBe('827e0100')
    expect(hex(binary(Buffer.alloc(65536), { mask: false })).slice(0, 20)).toBe('827f0000000000010000')
  })

  it('gives Close frames with and without a code and a reason', () => {
    expect(hex(close(undefined, '', { mask: false }))).toBe('8800')
    expect(hex(close(1000, '', { mask: false }))).toBe('880203e8')
    expect(hex(close(1001, 'bye', { mask: false }))).toBe('880503e9627965')
    expect(hex(close())).toBe('888037fa213d')
  })

  it('gives headers that no peer may send', () => {
    expect(hex(frame(0x3, '', { mask: false, rsv: 0b101 }))).toBe('d300')
    expect(hex(frame(0xf, '', { mask: false, rsv: 0b010, fin: false }))).toBe('2f00')
    expect(hex(text('a', { mask: false, lengthBytes: 2 }))).toBe('817e000161')
    expect(hex(text('a', { mask: false, lengthBytes: 8 }))).toBe('817f000000000000000161')
    expect(hex(text('', { mask: false, length: (1n << 64n) - 1n }))).toBe('817fffffffffffffffff')
    expect(hex(text('', { mask: false, length: 5, lengthBytes: 0 }))).toBe('8105')
  })

  it('leaves the payload it was given as it was', () => {
    const payload = Buffer.from('Hello')
    binary(payload)
    expect(payload.toString()).toBe('Hello')
  })
})

describe('reading frames', () => {
  it('unmasks, and tells every field of the header', () => {
    expect(read('d18537fa213d7f9f4d5158').frames).toEqual([
      { fin: true, rsv: 0b101, opcode: 1, masked: true, payload: Buffer.from('Hello') },
    ])
    expect(read('0a00').frames).toEqual([
      { fin: false, rsv: 0, opcode: 10, masked: false, payload: Buffer.alloc(0) },
    ])
  })

  it('reads frames of every length form one after the other', () => {
    const sizes = [0, 125, 126, 65535, 65536]
    for (const mask of [MASKING_KEY, false] as const) {
      const wire = Buffer.concat(sizes.map((size) => binary(Buffer.alloc(size, 7), { mask })))
      const { frames, rest } = readFrames(wire)
      expect(frames.map(({ payload }) => payload.length)).toEqual(sizes)
      expect(frames.every(({ payload }) => payload.every((byte) => byte === 7))).toBe(true)
      expect(rest).toHaveLength(0)
    }
  })

  it('gives back what is not a whole frame yet, at every cut', () => {
    for (const whole of [
      text('Hello'),
      binary(Buffer.alloc(200)),
      binary(Buffer.alloc(65536), { mask: false }),
    ]) {
      for (let cut = 0; cut < Math.min(whole.length, 20); cut++) {
        const { frames, rest } = readFrames(Buffer.concat([ping(), whole.subarray(0, cut)]))
        expect(frames).toHaveLength(1)
        expect(hex(rest)).toBe(hex(whole.subarray(0, cut)))
      }
    }
  })

  it('reads the code and the reason of a Close frame', () => {
    const codes = [close(1001, 'bye'), close(3000), close()].map((bytes) =>
      readClose(readFrames(bytes).frames[0]),
    )
    expect(codes).toEqual([
      { code: 1001, reason: 'bye' },
      { code: 3000, reason: '' },
      { code: 1005, reason: '' },
    ])
  })
})
