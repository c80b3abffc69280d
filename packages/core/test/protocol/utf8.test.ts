import { isUtf8 } from 'node:buffer'
import { describe, expect, it } from 'vitest'
import { COMPLETE, checkUtf8, REJECTED, type Utf8State } from '../../src/protocol/utf8.ts'
import { randomSource } from '../support/random-source.ts'

const SEED = 3629
const decoder = new TextDecoder('utf-8', { fatal: true })

/** What may follow the start of a character: one of these finishes every start that can be finished. */
const ENDINGS = ['', '80', '90', 'a0', '8080', '9080', 'a080', '808080', '908080'].map((hex) =>
  Buffer.from(hex, 'hex'),
)

const check = (bytes: Uint8Array): Utf8State => checkUtf8(COMPLETE, bytes, 0, bytes.length)

function decodes(bytes: Uint8Array): boolean {
  try {
    decoder.decode(bytes)
    return true
  } catch {
    return false
  }
}

/** Whether some text begins with these bytes. */
function canGoOn(bytes: Uint8Array): boolean {
  return ENDINGS.some((ending) => isUtf8(Buffer.concat([bytes, ending])))
}

/** The three answers: a whole text, the start of one, or no text at all. */
function expectedAnswer(bytes: Uint8Array): string {
  if (decodes(bytes)) return 'complete'
  return canGoOn(bytes) ? 'unfinished' : 'rejected'
}

function answer(state: Utf8State): string {
  if (state === COMPLETE) return 'complete'
  return state === REJECTED ? 'rejected' : 'unfinished'
}

/** Inputs for which the answer is wrong, whole or cut anywhere, or comes at another byte than the first bad one. */
function wrongAmong(inputs: Iterable<Uint8Array>): string[] {
  const wrong: string[] = []
  for (const bytes of inputs) {
    const expected = expectedAnswer(bytes)
    const states = [check(bytes), byteByByte(bytes)]
    for (let cut = 1; cut < bytes.length; cut++) {
      states.push(checkUtf8(checkUtf8(COMPLETE, bytes, 0, cut), bytes, cut, bytes.length))
    }
    if (states.some((state) => answer(state) !== expected)) wrong.push(Buffer.from(bytes).toString('hex'))
  }
  return wrong
}

function byteByByte(bytes: Uint8Array): Utf8State {
  return bytes.reduce((state, _, at) => checkUtf8(state, bytes, at, at + 1), COMPLETE)
}

function* bytesOfLength(length: number, first = 0, last = 0xff): Generator<number[]> {
  if (length === 0) return yield []
  for (let byte = first; byte <= last; byte++)
    for (const rest of bytesOfLength(length - 1)) yield [byte, ...rest]
}

describe('UTF-8', () => {
  it('is told for all inputs of one and of two bytes', { timeout: 20_000 }, () => {
    expect(wrongAmong([...bytesOfLength(1)].map((bytes) => Buffer.from(bytes)))).toEqual([])
    expect(wrongAmong([...bytesOfLength(2)].map((bytes) => Buffer.from(bytes)))).toEqual([])
  })

  it('is told for the leads of three and four bytes with every continuation that is a boundary', () => {
    const boundaries = [0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xff]
    const inputs: Buffer[] = []
    for (let lead = 0xe0; lead <= 0xff; lead++) {
      for (const second of boundaries) {
        for (const third of boundaries) {
          inputs.push(Buffer.of(lead, second, third), Buffer.of(lead, second, third, 0x80))
          inputs.push(Buffer.of(lead, second, third, 0xbf, 0x41), Buffer.of(lead, second, third, 0x7f))
        }
      }
    }
    expect(wrongAmong(inputs)).toEqual([])
  })

  it.each([0, 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xfffd, 0xffff, 0x1_0000, 0x10_ffff])(
    'takes the code point %d, alone, in ASCII and cut anywhere',
    (codePoint) => {
      const character = String.fromCodePoint(codePoint)
      const texts = [
        character,
        `a${character}`,
        `${character}a`,
        `${character}${character}`,
        `é${character}日`,
      ]
      expect(texts.filter((text) => check(Buffer.from(text)) !== COMPLETE)).toEqual([])
      expect(wrongAmong(texts.map((text) => Buffer.from(text)))).toEqual([])
    },
  )

  it.each([
    ['an overlong form of two bytes', 'c0af'],
    ['an overlong form of three bytes', 'e080af'],
    ['an overlong form of four bytes', 'f08080af'],
    ['the lowest surrogate', 'eda080'],
    ['the highest surrogate', 'edbfbf'],
    ['U+110000', 'f4908080'],
    ['a lead that is never used', 'f8888080'],
    ['a lone continuation', '80'],
    ['a character broken off', 'e28241'],
  ])('refuses %s: %s', (_what, hex) => {
    expect(check(Buffer.from(hex, 'hex'))).toBe(REJECTED)
    expect(check(Buffer.from(`6162${hex}6162`, 'hex'))).toBe(REJECTED)
    expect(wrongAmong([Buffer.from(hex, 'hex')])).toEqual([])
  })

  it(`is told for 20,000 random inputs, cut at every byte (seed ${SEED})`, () => {
    const random = randomSource(SEED)
    const pieces = ['a', 'é', '€', '😀', '日本', '\u{10ffff}'].map((text) => Buffer.from(text))
    const inputs = Array.from({ length: 20_000 }, () => {
      const count = 1 + Math.floor(random() * 4)
      const bytes = Buffer.concat(
        Array.from({ length: count }, () => pieces[Math.floor(random() * pieces.length)]),
      )
      if (random() < 0.7) bytes[Math.floor(random() * bytes.length)] = random() * 256
      return random() < 0.3 ? bytes.subarray(0, bytes.length - 1) : bytes
    })
    expect(wrongAmong(inputs)).toEqual([])
  })

  it('fails at the first bad byte, and never again becomes good', () => {
    const text = Buffer.from('c3a9e282acf09f9880eda080c3a9', 'hex')
    const states = [...text].map((_, at) => answer(checkUtf8(COMPLETE, text, 0, at + 1)))
    expect(states.slice(0, 10)).not.toContain('rejected')
    expect(new Set(states.slice(10))).toEqual(new Set(['rejected']))
    expect(checkUtf8(REJECTED, Buffer.from('abc'), 0, 3)).toBe(REJECTED)
  })

  it('reads no byte outside of its part', () => {
    const bytes = Buffer.from('ff80c3a980ff', 'hex')
    expect(checkUtf8(COMPLETE, bytes, 2, 4)).toBe(COMPLETE)
    expect(answer(checkUtf8(COMPLETE, bytes, 2, 3))).toBe('unfinished')
    expect(checkUtf8(COMPLETE, bytes, 3, 3)).toBe(COMPLETE)
  })
})
