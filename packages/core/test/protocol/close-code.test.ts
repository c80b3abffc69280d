import { describe, expect, it } from 'vitest'
import { CloseCode, isCloseCode } from '../../src/protocol/close-code.ts'

/** The codes of RFC 6455 §7.4 and the IANA registry that a Close frame may carry. */
const ALLOWED: readonly [first: number, last: number][] = [
  [1000, 1003],
  [1007, 1014],
  [3000, 4999],
]

describe('a close code', () => {
  it('may be sent where it is registered or private, out of all 65,536', () => {
    const codes = Array.from({ length: 0x10000 }, (_, code) => code)
    const expected = codes.filter((code) => ALLOWED.some(([first, last]) => code >= first && code <= last))
    expect(codes.filter(isCloseCode)).toEqual(expected)
  })

  it.each([-1000, 1000.5, 3000.5, 65536, Number.NaN, Number.POSITIVE_INFINITY])('is never %d', (code) => {
    expect(isCloseCode(code)).toBe(false)
  })

  it('may be sent with every name but those for what no frame said', () => {
    const unsendable = Object.entries(CloseCode).filter(([, code]) => !isCloseCode(code))
    expect(Object.fromEntries(unsendable)).toEqual({ NoStatus: 1005, Abnormal: 1006 })
  })
})
