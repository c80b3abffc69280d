import { describe, expect, it } from 'vitest'
import { acceptKey, isKey } from '../../src/handshake/accept-key.ts'
import { SAMPLE_ACCEPT, SAMPLE_KEY } from './request.ts'

describe('acceptKey', () => {
  it('answers the key of RFC 6455 §1.3 with the accept value given there', () => {
    expect(acceptKey(SAMPLE_KEY)).toBe(SAMPLE_ACCEPT)
  })

  it('answers another key with another value', () => {
    expect(acceptKey('AAAAAAAAAAAAAAAAAAAAAA==')).not.toBe(SAMPLE_ACCEPT)
  })
})

describe('isKey', () => {
  it('knows the base64 form of 16 bytes, whatever the bytes', () => {
    for (let byte = 0; byte < 256; byte++) {
      expect(isKey(Buffer.alloc(16, byte).toString('base64'))).toBe(true)
    }
  })

  it.each([
    ['no header', undefined],
    ['an empty header', ''],
    ['15 bytes', Buffer.alloc(15).toString('base64')],
    ['17 bytes', Buffer.alloc(17).toString('base64')],
    ['18 bytes, which are 24 digits', Buffer.alloc(18).toString('base64')],
    ['a digit of base64url', 'dGhlIHNhbXBsZSBub25j-Q=='],
    ['a digit less', SAMPLE_KEY.slice(1)],
    ['a digit more', `d${SAMPLE_KEY}`],
    ['no padding', 'dGhlIHNhbXBsZSBub25jZQ'],
    ['bits set beyond the last byte', 'dGhlIHNhbXBsZSBub25jZR=='],
    ['two keys, as Node joins a repeated header', `${SAMPLE_KEY}, ${SAMPLE_KEY}`],
    ['a line break behind the key', `${SAMPLE_KEY}\n`],
  ])('refuses %s', (_what, value) => {
    expect(isKey(value)).toBe(false)
  })
})
