import { describe, expect, it } from 'vitest'
import { bytesOf, isBytes, isPayload, type Payload } from '../../src/protocol/payload.ts'

const memory = Uint8Array.from({ length: 32 }, (_, index) => index).buffer
const shared = new SharedArrayBuffer(4)

const GIVEN: readonly [what: string, payload: Payload, hex: string][] = [
  ['a string', 'é€', 'c3a9e282ac'],
  ['an empty string', '', ''],
  ['a Buffer', Buffer.from('0102', 'hex'), '0102'],
  ['an ArrayBuffer', memory.slice(0, 3), '000102'],
  ['a SharedArrayBuffer', shared, '00000000'],
  ['a Uint8Array of a part', new Uint8Array(memory, 8, 2), '0809'],
  ['an Int8Array', Int8Array.of(-1), 'ff'],
  ['a Uint8ClampedArray', Uint8ClampedArray.of(300), 'ff'],
  ['a Uint16Array', new Uint16Array(memory, 8, 2), '08090a0b'],
  ['an Int32Array', new Int32Array(memory, 4, 1), '04050607'],
  ['a Float64Array', new Float64Array(memory, 8, 1), '08090a0b0c0d0e0f'],
  ['a BigUint64Array', new BigUint64Array(memory, 16, 1), '1011121314151617'],
  ['a DataView', new DataView(memory, 30), '1e1f'],
]

describe('a payload', () => {
  it.each(GIVEN)('may be %s, which is bytes unless it is a string', (_what, payload) => {
    expect([isPayload(payload), isBytes(payload)]).toEqual([true, typeof payload !== 'string'])
  })

  it.each([0, true, null, undefined, {}, [1, 2], new Blob([])])('is not %o', (value) => {
    expect([isPayload(value), isBytes(value)]).toEqual([false, false])
  })
})

describe('the bytes of a payload', () => {
  it.each(GIVEN)('are those of %s, exactly (CVE-2026-45736)', (_what, payload, hex) => {
    expect(bytesOf(payload).toString('hex')).toBe(hex)
  })

  it('are not copied but from a string', () => {
    const view = new Uint16Array(memory, 8, 2)
    expect(bytesOf(view).buffer).toBe(memory)
    expect(bytesOf(memory).buffer).toBe(memory)
    const buffer = Buffer.from('a')
    expect(bytesOf(buffer)).toBe(buffer)
  })

  it.each([0, 10, 1e9, 10n, true, null, undefined, {}, [1, 2], { length: 3 }, { type: 'Buffer', data: [1] }])(
    'are refused of anything else: a number is not a length (CVE-2016-10518): %o',
    (payload) => {
      const refused = () => bytesOf(payload as never)
      expect(refused).toThrow(TypeError)
      expect(refused).toThrow(
        `A payload must be a string, an ArrayBuffer, a Buffer or another view of one, not ${typeof payload}`,
      )
    },
  )
})
