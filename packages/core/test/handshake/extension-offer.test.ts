import { describe, expect, it } from 'vitest'
import {
  type ExtensionOffer,
  formatExtensions,
  readExtensionOffers,
} from '../../src/handshake/extension-offer.ts'
import { randomSource } from '../support/random-source.ts'
import { HOSTILE_HEADERS, PROTOTYPE_NAMES, randomText, readingTime, takesLinearTime } from './hostile.ts'

const SEED = 0x6455_0003

function offer(name: string, parameters: Record<string, (string | true)[]> = {}): ExtensionOffer {
  return { name, parameters: new Map(Object.entries(parameters)) }
}

describe('readExtensionOffers', () => {
  it('reads no offers where there is no header', () => {
    expect(readExtensionOffers(undefined)).toEqual([])
  })

  it.each([
    ['foo', [offer('foo')]],
    ['foo, bar; baz=2', [offer('foo'), offer('bar', { baz: ['2'] })]],
    [
      'permessage-deflate; client_max_window_bits; server_max_window_bits=10, permessage-deflate',
      [
        offer('permessage-deflate', { client_max_window_bits: [true], server_max_window_bits: ['10'] }),
        offer('permessage-deflate'),
      ],
    ],
    ['a;b;b=1;b="2"', [offer('a', { b: [true, '1', '2'] })]],
    [' a\t;\tb = c ,d ', [offer('a', { b: ['c'] }), offer('d')]],
    [',a,, b,', [offer('a'), offer('b')]],
  ])('reads %j', (header, offers) => {
    expect(readExtensionOffers(header)).toEqual(offers)
  })

  it.each([
    ['a; b="10"', '10'],
    ['a; b="\\1\\0"', '10'],
    ['a; b = "x" ', 'x'],
  ])('takes the quotes and backslashes off in %j', (header, value) => {
    expect(readExtensionOffers(header)).toEqual([offer('a', { b: [value] })])
  })

  it.each([
    ['an empty header', ''],
    ['nothing but commas', ', ,'],
    ['a parameter without an extension', ';a'],
    ['an empty parameter', 'a;'],
    ['an empty parameter before another', 'a;;b'],
    ['a value without a name', 'a;=b'],
    ['a name without its value', 'a;b='],
    ['an empty quoted value', 'a;b=""'],
    ['a quoted value that is no token', 'a;b="c d"'],
    ['a quoted comma', 'a;b="c,d"'],
    ['an escaped quote', 'a;b="\\""'],
    ['a quoted value that never ends', 'a;b="c'],
    ['text behind a quoted value', 'a;b="c"d'],
    ['a quoted name', '"a"'],
    ['a value on the extension itself', 'a=b'],
    ['two values', 'a;b=c=d'],
    ['two words', 'a b'],
    ['a line break', 'a;b\r\n'],
    ['a NUL', 'a;b=\0'],
    ['a character beyond ASCII', 'a;b=\u00e9'],
  ])('calls %s malformed', (_what, header) => {
    expect(readExtensionOffers(header)).toBeUndefined()
  })

  it('reads 32 offers and refuses 33', () => {
    const offers = (count: number) => readExtensionOffers(Array(count).fill('a').join())
    expect(offers(32)).toHaveLength(32)
    expect(offers(33)).toBeUndefined()
  })

  it('reads 32 parameters of an offer and refuses 33, repeated or not', () => {
    const parameters = (count: number, name: (index: number) => string) =>
      readExtensionOffers(`a;${Array.from({ length: count }, (_, index) => name(index)).join(';')}`)
    expect(parameters(32, (index) => `p${index}`)?.[0].parameters.size).toBe(32)
    expect(parameters(33, (index) => `p${index}`)).toBeUndefined()
    expect(parameters(32, () => 'p')?.[0].parameters.get('p')).toHaveLength(32)
    expect(parameters(33, () => 'p')).toBeUndefined()
  })

  it.each(PROTOTYPE_NAMES)('treats %s as a name (GHSA-5v72-xg48-5rpm)', (name) => {
    const [read] = readExtensionOffers(`${name}; ${name}=1; ${name}`) ?? []
    expect(read.name).toBe(name)
    expect([...read.parameters]).toEqual([[name, ['1', true]]])
    expect(read.parameters.get('other')).toBeUndefined()
  })

  describe.each(HOSTILE_HEADERS)('on 64 KiB of %s (CVE-2021-32640)', (_what, header) => {
    it('takes less than 5 ms', () => {
      expect(readingTime(readExtensionOffers, header)).toBeLessThan(5)
    })

    it('takes at most time in proportion to the length', () => {
      expect(takesLinearTime(readExtensionOffers, header)).toBe(true)
    })
  })

  it(`never throws on 20,000 random values and writes what it read (seed ${SEED})`, () => {
    const random = randomSource(SEED)
    const pieces = ['a', 'b-c', '__proto__', ',', ';', '=', '"', '\\', ' ', '\t', '; a=', '="b"', '; c']
    let accepted = 0
    for (let round = 0; round < 20_000; round++) {
      const offers = readExtensionOffers(randomText(random, pieces, 10))
      if (offers === undefined) continue
      accepted++
      expect(readExtensionOffers(formatExtensions(offers))).toEqual(offers)
    }
    expect(accepted).toBeGreaterThan(500)
  })
})

describe('formatExtensions', () => {
  it('writes nothing for none', () => {
    expect(formatExtensions([])).toBe('')
  })

  it('writes names, bare parameters and values', () => {
    const deflate = offer('permessage-deflate', {
      server_no_context_takeover: [true],
      client_max_window_bits: ['12'],
    })
    expect(formatExtensions([deflate, offer('x', { y: ['1', true] })])).toBe(
      'permessage-deflate; server_no_context_takeover; client_max_window_bits=12, x; y=1; y',
    )
  })

  it.each([
    ['a name', offer('a\r\nX: y')],
    ['a parameter', offer('a', { 'b;c': [true] })],
    ['a value', offer('a', { b: ['c, d'] })],
    ['an empty value', offer('a', { b: [''] })],
  ])('throws when %s is no token (CVE-2026-1527)', (_what, extension) => {
    expect(() => formatExtensions([extension])).toThrow(TypeError)
    expect(() => formatExtensions([extension])).toThrow('is not a token (RFC 6455 §9.1)')
  })
})
