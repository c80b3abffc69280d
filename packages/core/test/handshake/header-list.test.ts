import { describe, expect, it } from 'vitest'
import { HeaderScanner, includesToken, isToken, splitTokens } from '../../src/handshake/header-list.ts'
import { randomSource } from '../support/random-source.ts'
import { HOSTILE_HEADERS, PROTOTYPE_NAMES, randomText, readingTime, takesLinearTime } from './hostile.ts'

const SEED = 0x6455_0001

const everyCharacter = Array.from({ length: 512 }, (_, code) => String.fromCharCode(code))

/** RFC 9110 §5.6.2, written as the specification has it and not as a table. */
const isTchar = (character: string) => /[!#$%&'*+\-.^_`|~0-9A-Za-z]/.test(character)

describe('isToken', () => {
  it('agrees with RFC 9110 §5.6.2 on each single character', () => {
    for (const character of everyCharacter) expect(isToken(character), character).toBe(isTchar(character))
  })

  it.each(['', ' a', 'a ', 'a b', 'a,b', 'a\0', 'naïve'])('refuses %j', (text) => {
    expect(isToken(text)).toBe(false)
  })
})

describe('splitTokens', () => {
  it.each([
    ['chat', ['chat']],
    ['chat, superchat', ['chat', 'superchat']],
    ['chat,superchat', ['chat', 'superchat']],
    [' \tchat\t ,\t superchat ', ['chat', 'superchat']],
    ["!#$%&'*+-.^_`|~09AZaz", ["!#$%&'*+-.^_`|~09AZaz"]],
  ])('splits %j', (value, tokens) => {
    expect(splitTokens(value)).toEqual(tokens)
  })

  it.each([
    ['', []],
    [' , \t,', []],
    [',chat,, superchat,', ['chat', 'superchat']],
  ])('passes over the empty elements of %j', (value, tokens) => {
    expect(splitTokens(value)).toEqual(tokens)
  })

  it('takes nothing but token characters, spaces, tabs and commas', () => {
    for (const character of everyCharacter) {
      const allowed = isTchar(character) || [' ', '\t', ','].includes(character)
      expect(splitTokens(`a,${character},b`) !== undefined, JSON.stringify(character)).toBe(allowed)
    }
  })

  it.each(['a b', 'a\tb', 'a, b c', '"a"', 'a;b', 'a\r\nb', 'a\0', 'a,b\u2028'])('refuses %j', (value) => {
    expect(splitTokens(value)).toBeUndefined()
  })

  it('treats the names of Object.prototype as names (GHSA-5v72-xg48-5rpm)', () => {
    expect(splitTokens(PROTOTYPE_NAMES.join())).toEqual(PROTOTYPE_NAMES)
  })

  it(`agrees with plain splitting on 20,000 random values (seed ${SEED})`, () => {
    const random = randomSource(SEED)
    for (let round = 0; round < 20_000; round++) {
      const value = randomText(random, ['a', 'bc', ',', ', ', ' ', '\t', '-'])
      const elements = value.split(',').map((element) => element.replace(/^[ \t]+|[ \t]+$/g, ''))
      const tokens = elements.filter((element) => element !== '')
      const valid = tokens.every((element) => [...element].every(isTchar))
      expect(splitTokens(value), JSON.stringify(value)).toEqual(valid ? tokens : undefined)
    }
  })

  describe.each(HOSTILE_HEADERS)('on 64 KiB of %s (CVE-2021-32640)', (_what, header) => {
    it('takes less than 5 ms', () => {
      expect(readingTime(splitTokens, header)).toBeLessThan(5)
    })

    it('takes time in proportion to the length', () => {
      expect(takesLinearTime(splitTokens, header)).toBe(true)
    })
  })
})

describe('includesToken', () => {
  it.each([
    ['Upgrade', 'upgrade'],
    ['keep-alive, Upgrade', 'upgrade'],
    ['UPGRADE,keep-alive', 'Upgrade'],
    [',, WebSocket ,', 'websocket'],
    ['TLS/1.0, websocket', 'websocket'],
    ['"a, websocket', 'websocket'],
  ])('finds in %j the token %j', (value, token) => {
    expect(includesToken(value, token)).toBe(true)
  })

  it.each([
    [undefined, 'upgrade'],
    ['', 'upgrade'],
    [',', 'upgrade'],
    ['keep-alive', 'upgrade'],
    ['upgrades', 'upgrade'],
    ['xupgrade', 'upgrade'],
    ['websocket/13', 'websocket'],
    ['websocket h2c', 'websocket'],
    ['"websocket"', 'websocket'],
    ['\u00a0websocket', 'websocket'],
    ['web\u017focket', 'websocket'],
  ])('does not find in %j the token %j', (value, token) => {
    expect(includesToken(value, token)).toBe(false)
  })

  it.each(HOSTILE_HEADERS)('takes time in proportion to the length of %s', (_what, header) => {
    const read = (value: string) => includesToken(value, 'websocket')
    expect(readingTime(read, header)).toBeLessThan(5)
    expect(takesLinearTime(read, header)).toBe(true)
  })
})

describe('HeaderScanner', () => {
  it('reads tokens, delimiters and quoted tokens in turn, with any space between them', () => {
    const scanner = new HeaderScanner(' a ; b = "c\\d" , e')
    expect(scanner.takeToken()).toBe('a')
    expect(scanner.take(';')).toBe(true)
    expect(scanner.takeToken()).toBe('b')
    expect(scanner.take('=')).toBe(true)
    expect(scanner.takeQuotedToken()).toBe('cd')
    expect(scanner.skipPast(',')).toBe(true)
    expect(scanner.atEnd).toBe(false)
    expect(scanner.takeToken()).toBe('e')
    expect(scanner.atEnd).toBe(true)
  })

  it.each(['""', '"', '"a', '"a\\', '"a\\"', '"a b"', '"a,b"', '"\\\\"', '"\u00e9"', 'a'])(
    'finds no quoted token in %j and stays where it is',
    (value) => {
      const scanner = new HeaderScanner(value)
      expect(scanner.takeQuotedToken()).toBe('')
      expect(scanner.takeToken()).toBe(value === 'a' ? 'a' : '')
      expect(scanner.skipPast(',')).toBe(value.includes(','))
    },
  )
})
