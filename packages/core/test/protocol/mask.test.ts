import { describe, expect, it } from 'vitest'
import { ASCII_LIMIT, applyMask, rotateKey } from '../../src/protocol/mask.ts'
import { randomSource } from '../support/random-source.ts'

const SEED = 6455
const KEY = Buffer.from('37fa21bd', 'hex')
/** The key as the parser has it; its highest bit is set, so that it is negative. */
const KEY_NUMBER = KEY.readInt32LE(0)
const ALIGNMENTS = [0, 1, 2, 3, 4, 5, 6, 7]
const ROTATIONS = [0, 1, 2, 3]
const MARGIN = 16
/** Long enough for several turns of the widest loop, with every remainder. */
const MOST_BYTES = 130

/** RFC 6455 §5.3 word for word: octet i of the result is octet i of the payload XOR octet (i MOD 4) of the key. */
function maskSlowly(bytes: Uint8Array, start: number, end: number, key: Uint8Array): void {
  for (let at = start; at < end; at++) bytes[at] ^= key[(at - start) % 4]
}

const random = randomSource(SEED)
const SAMPLE = Uint8Array.from({ length: MARGIN * 2 + MOST_BYTES }, () => random() * 256)

/** The same random bytes in memory of their own, seen from `alignment` on. */
function memoryFrom(alignment: number): Uint8Array {
  return SAMPLE.slice().subarray(alignment)
}

describe('masking', () => {
  it.each(ALIGNMENTS)('does what RFC 6455 §5.3 says from alignment %d, for 0 to 130 bytes', (alignment) => {
    const wrong: string[] = []
    for (const start of ALIGNMENTS) {
      for (let length = 0; length <= MOST_BYTES; length++) {
        for (const rotation of ROTATIONS) {
          const [actual, expected] = [memoryFrom(alignment), memoryFrom(alignment)]
          const key = Buffer.concat([KEY.subarray(rotation), KEY.subarray(0, rotation)])
          applyMask(actual, start, start + length, key.readInt32LE(0))
          maskSlowly(expected, start, start + length, key)
          if (Buffer.compare(actual, expected) !== 0)
            wrong.push(`start ${start}, ${length} bytes, key ${key.toString('hex')}`)
        }
      }
    }
    expect(wrong).toEqual([])
  })

  it('takes the key signed or unsigned', () => {
    for (const length of [20, 100]) {
      const [signed, unsigned] = [memoryFrom(1), memoryFrom(1)]
      applyMask(signed, 0, length, KEY_NUMBER)
      applyMask(unsigned, 0, length, KEY_NUMBER >>> 0)
      expect(unsigned).toEqual(signed)
    }
  })

  it('is undone by masking again', () => {
    const bytes = Buffer.from('€'.repeat(40))
    applyMask(bytes, 0, bytes.length, KEY_NUMBER)
    expect(bytes.toString()).not.toContain('€')
    applyMask(bytes, 0, bytes.length, KEY_NUMBER)
    expect(bytes.toString()).toBe('€'.repeat(40))
  })

  it('goes on in the middle with a rotated key', () => {
    for (let cut = 0; cut <= MOST_BYTES; cut++) {
      const [whole, inParts] = [memoryFrom(0), memoryFrom(0)]
      applyMask(whole, 0, MOST_BYTES, KEY_NUMBER)
      applyMask(inParts, 0, cut, KEY_NUMBER)
      applyMask(inParts, cut, MOST_BYTES, rotateKey(KEY_NUMBER, cut))
      expect(inParts).toEqual(whole)
    }
  })

  it('follows from one memory to another and back', () => {
    const [first, second] = [memoryFrom(0), memoryFrom(0)]
    for (const bytes of [first, second, first]) applyMask(bytes, 0, 64, KEY_NUMBER)
    expect(first).toEqual(memoryFrom(0))
    maskSlowly(second, 0, 64, KEY)
    expect(second).toEqual(memoryFrom(0))
  })

  it('reaches the last bytes of a memory that is no whole number of words', () => {
    const bytes = new Uint8Array(new ArrayBuffer(103))
    applyMask(bytes, 0, 103, KEY_NUMBER)
    expect(Buffer.from(bytes).toString('hex')).toBe('37fa21bd'.repeat(26).slice(0, 206))
  })
})

describe('a rotated key', () => {
  it.each([
    [0, '37fa21bd'],
    [1, 'fa21bd37'],
    [2, '21bd37fa'],
    [3, 'bd37fa21'],
    [4, '37fa21bd'],
    [65537, 'fa21bd37'],
  ])('after %d bytes begins with %s', (count, hex) => {
    const key = Buffer.alloc(4)
    key.writeUInt32LE(rotateKey(KEY_NUMBER, count) >>> 0)
    expect(key.toString('hex')).toBe(hex)
  })
})

describe('what masking has seen', () => {
  const LENGTHS = Array.from({ length: MOST_BYTES }, (_, index) => index + 1)
  const masked = (bytes: Uint8Array, start: number, end: number) => {
    maskSlowly(bytes, start, end, KEY)
    return applyMask(bytes, start, end, KEY_NUMBER)
  }

  it('is nothing where there is nothing', () => {
    expect(applyMask(memoryFrom(0), 3, 3, KEY_NUMBER)).toBe(0)
  })

  it.each(ALIGNMENTS)('is below 0x80 for ASCII, whatever lies around it, from %d', (start) => {
    for (const length of LENGTHS) {
      const bytes = new Uint8Array(MARGIN + MOST_BYTES).fill(0xff)
      bytes.fill(0x7f, start, start + length)
      expect(masked(bytes, start, start + length)).toBeLessThan(ASCII_LIMIT)
    }
  })

  it('is at least 0x80 where one byte is, at any position', () => {
    const missed: string[] = []
    for (const start of ALIGNMENTS) {
      for (const length of LENGTHS) {
        for (let at = start; at < start + length; at++) {
          const bytes = new Uint8Array(MARGIN + MOST_BYTES)
          bytes[at] = 0x80
          if (masked(bytes, start, start + length) < ASCII_LIMIT) missed.push(`${start}+${length}: ${at}`)
        }
      }
    }
    expect(missed).toEqual([])
  })

  it('is all bytes OR-ed together, below 48 of them', () => {
    for (let length = 1; length < 48; length++) {
      const expected = memoryFrom(0)
        .subarray(0, length)
        .reduce((seen, byte) => seen | byte)
      expect(masked(memoryFrom(0), 0, length)).toBe(expected)
    }
  })
})
