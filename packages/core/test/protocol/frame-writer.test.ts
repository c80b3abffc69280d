import { readFrames } from '@upwire/testkit'
import { describe, expect, it } from 'vitest'
import { encodeFrame } from '../../src/protocol/frame-writer.ts'

const KEY = 0x3d21_fa37

describe('an encoded frame', () => {
  it('is that of RFC 6455 §5.7, unmasked and masked', () => {
    expect(encodeFrame(0x81, Buffer.from('Hello')).toString('hex')).toBe('810548656c6c6f')
    expect(encodeFrame(0x81, Buffer.from('Hello'), KEY).toString('hex')).toBe('818537fa213d7f9f4d5158')
  })

  it.each([0, 1, 125, 126, 127, 65535, 65536, 100_000])(
    'of %d bytes is read back as it was given',
    (length) => {
      const payload = Buffer.from(Array.from({ length }, (_, index) => (index * 7) & 0xff))
      for (const key of [undefined, KEY, 0, -1]) {
        const { frames, rest } = readFrames(encodeFrame(0xc2, payload, key))
        expect(rest).toHaveLength(0)
        expect(frames).toHaveLength(1)
        expect(frames[0]).toMatchObject({ fin: true, rsv: 0b100, opcode: 2, masked: key !== undefined })
        expect(frames[0].payload.equals(payload)).toBe(true)
      }
    },
  )

  it('leaves the payload it was given as it was', () => {
    const payload = Buffer.from('Hello')
    encodeFrame(0x81, payload, KEY)
    expect(payload.toString()).toBe('Hello')
  })

  it('carries no memory but the payload (CVE-2026-45736)', () => {
    const payload = new Uint8Array(Buffer.alloc(1000, 0xaa).buffer, 0, 300).fill(1)
    const frame = encodeFrame(0x82, payload)
    expect(frame.toString('hex')).toBe(`827e012c${'01'.repeat(300)}`)
  })
})
