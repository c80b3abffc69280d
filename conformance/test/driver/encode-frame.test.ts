import * as testkit from '@upwire/testkit'
import { describe, expect, it } from 'vitest'
import { encodeFrame } from '../../driver/encode-frame.ts'
import { binary, close, frame, ping, text } from '../../vocabulary/frame.ts'

const hex = (bytes: Buffer) => bytes.toString('hex')

describe('a frame on the wire', () => {
  it('is as RFC 6455 §5.7 shows it', () => {
    expect(hex(encodeFrame(text('Hello'), 'server'))).toBe('810548656c6c6f')
    expect(hex(encodeFrame(text('Hello'), 'client'))).toBe('818537fa213d7f9f4d5158')
    expect(hex(encodeFrame(text('Hel', { fin: false }), 'server'))).toBe('010348656c')
    expect(hex(encodeFrame(ping('Hello'), 'server'))).toBe('890548656c6c6f')
    expect(hex(encodeFrame(close(1000), 'server'))).toBe('880203e8')
  })

  it.each([0, 125, 126, 65_535, 65_536])('of %i bytes is what another builder makes of it', (bytes) => {
    const payload = Buffer.alloc(bytes, 0xa5)
    expect(encodeFrame(binary(payload), 'client').equals(testkit.binary(payload))).toBe(true)
    expect(encodeFrame(binary(payload), 'server').equals(testkit.binary(payload, { mask: false }))).toBe(true)
  })

  it('may be one that nobody may send', () => {
    expect(hex(encodeFrame(frame(0x3, '', { rsv: 5 }), 'server'))).toBe('d300')
    expect(hex(encodeFrame(text('a', { masked: false }), 'client'))).toBe('810161')
    expect(hex(encodeFrame(text('a', { masked: true }), 'server'))).toBe('818137fa213d56')
    expect(hex(encodeFrame(text('a', { lengthBytes: 2 }), 'server'))).toBe('817e000161')
    expect(hex(encodeFrame(text('', { length: 2n ** 63n, lengthBytes: 8 }), 'server'))).toBe(
      '817f8000000000000000',
    )
  })

  it('is masked with the key it names', () => {
    expect(hex(encodeFrame(text('ab', { maskingKey: '00000000' }), 'client'))).toBe('8182000000006162')
  })

  it('may be only a part of one', () => {
    expect(hex(encodeFrame(text('Hello', { part: [0, -2] }), 'server'))).toBe('810548656c')
    expect(hex(encodeFrame(text('Hello', { part: [-2] }), 'server'))).toBe('6c6f')
  })
})
