import { describe, expect, it } from 'vitest'
import {
  ABNORMAL_CLOSE,
  closePayload,
  MAX_CLOSE_REASON_BYTES,
  readClosePayload,
} from '../../src/protocol/close-payload.ts'
import { brokenRule } from '../support/broken-rule.ts'

const read = (hex: string) => {
  const { code, reason } = readClosePayload(Buffer.from(hex, 'hex'))
  return [code, reason.toString()]
}
const ruleBrokenBy = (hex: string) => brokenRule(() => read(hex))

describe('a received Close payload', () => {
  it('may be empty: 1005 is what that is called', () => {
    expect(read('')).toEqual([1005, ''])
  })

  it('has a code, and may have a reason of up to 123 bytes', () => {
    expect(read('03e8')).toEqual([1000, ''])
    expect(read('0fa1e282ac')).toEqual([4001, '€'])
    expect(read(`03e9${'61'.repeat(MAX_CLOSE_REASON_BYTES)}`)).toEqual([1001, 'a'.repeat(123)])
  })

  it('is refused where it is half a code', () => {
    expect(ruleBrokenBy('03')).toBe('WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH')
  })

  it.each([0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535])(
    'is refused with the code %d',
    (code) => {
      const payload = Buffer.of(code >> 8, code & 0xff)
      expect(() => readClosePayload(payload)).toThrow(`invalid status code ${code}`)
    },
  )

  it.each(['80', 'c0af', 'eda080', 'f4908080', '61c3', 'e282'])('is refused with the reason %s', (reason) => {
    expect(ruleBrokenBy(`03e8${reason}`)).toBe('WS_ERR_INVALID_UTF8')
  })

  it('may have any bytes as reason where UTF-8 is not looked at', () => {
    expect(readClosePayload(Buffer.from('03e8f4908080', 'hex'), true).reason.toString('hex')).toBe('f4908080')
    expect(() => readClosePayload(Buffer.from('03ed', 'hex'), true)).toThrow('invalid status code 1005')
  })

  it('that never came is 1006', () => {
    expect(ABNORMAL_CLOSE.code).toBe(1006)
    expect(ABNORMAL_CLOSE.reason).toHaveLength(0)
  })
})

describe('a Close payload to send', () => {
  it('is empty without a code', () => {
    expect(closePayload()).toHaveLength(0)
    expect(closePayload(undefined, '')).toHaveLength(0)
  })

  it('has the code first, then the reason as UTF-8', () => {
    expect(closePayload(1000).toString('hex')).toBe('03e8')
    expect(closePayload(4999, '€').toString('hex')).toBe('1387e282ac')
  })

  it.each([
    new Uint8Array([1, 2, 3]),
    new Uint16Array([0x0201, 0x0403]),
    new Float64Array([1.5]),
    new DataView(new ArrayBuffer(8), 2, 3),
  ])('has the bytes of a view as reason and no other memory (CVE-2026-45736): %s', (reason) => {
    const bytes = Buffer.from(reason.buffer, reason.byteOffset, reason.byteLength).toString('hex')
    expect(closePayload(1000, reason as Uint8Array).toString('hex')).toBe(`03e8${bytes}`)
  })

  it('refuses a number as reason, whatever its size (CVE-2016-10518)', () => {
    for (const reason of [0, 10, 1e9]) expect(() => closePayload(1000, reason as never)).toThrow(TypeError)
  })

  it.each([0, 999, 1004, 1005, 1006, 1015, 2999, 5000, 1000.5, Number.NaN, '1000', null])(
    'refuses the code %j',
    (code) => {
      expect(() => closePayload(code as never)).toThrow(TypeError)
      expect(() => closePayload(code as never)).toThrow('must be a valid error code number')
    },
  )

  it('has no reason without a code', () => {
    expect(closePayload(undefined, 'bye')).toHaveLength(0)
  })

  it('refuses a reason above 123 bytes, counted in UTF-8', () => {
    expect(closePayload(1000, 'a'.repeat(123))).toHaveLength(125)
    expect(closePayload(1000, '€'.repeat(41))).toHaveLength(125)
    expect(() => closePayload(1000, 'a'.repeat(124))).toThrow(RangeError)
    expect(() => closePayload(1000, '€'.repeat(42))).toThrow('The message must not be greater than 123 bytes')
  })

  it('can be read back', () => {
    const { code, reason } = readClosePayload(closePayload(3001, 'später'))
    expect([code, reason.toString()]).toEqual([3001, 'später'])
  })
})
