import { constants, deflateRawSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { Deflater } from '../../driver/deflater.ts'
import { Inflater } from '../../driver/inflater.ts'
import { type CorpusName, messageOf } from '../../vocabulary/corpus.ts'
import { hex } from '../../vocabulary/payload.ts'

const KEPT = { windowBits: 15, noContextTakeover: false }
const inflate = (...messages: string[]) => {
  const inflater = new Inflater(KEPT)
  return messages.map((message) => inflater.inflate(hex(message)).toString())
}

function deflate(message: Buffer, options: { level?: number; strategy?: number }): Buffer {
  return deflateRawSync(message, { finishFlush: constants.Z_SYNC_FLUSH, ...options }).subarray(0, -4)
}

describe('a compressed message', () => {
  it.each([
    ['in a block of the fixed code', 'f248cdc9c90700'],
    ['in a stored block', '000500faff48656c6c6f00'],
    ['in a block that says it is the last', 'f348cdc9c9070000'],
    ['in two blocks', 'f248050000 00ffff cac9c90700'],
  ])('is read %s, as RFC 7692 §7.2.3 shows it', (_, message) => {
    expect(inflate(message)).toEqual(['Hello'])
  })

  it('may copy from the message before it, where the window is kept', () => {
    expect(inflate('f248cdc9c90700', 'f200110000')).toEqual(['Hello', 'Hello'])
  })

  it('may be empty', () => {
    expect(inflate('00', '0200')).toEqual(['', ''])
  })

  it.each<CorpusName>(['json', 'bitmap', 'noise', 'letters'])('of %s is what zlib compressed', (corpus) => {
    const message = messageOf(corpus, 0, 200_000)
    const ways = [
      { level: 0 },
      { level: 1 },
      { level: 9 },
      { strategy: constants.Z_FIXED },
      { strategy: constants.Z_HUFFMAN_ONLY },
      { strategy: constants.Z_RLE },
    ]
    for (const way of ways) {
      expect(new Inflater(KEPT).inflate(deflate(message, way)).equals(message)).toBe(true)
    }
  })

  it.each([8, 9, 10, 11, 12, 13, 14, 15])('of the driver keeps to a window of %i bits', (windowBits) => {
    for (const noContextTakeover of [false, true]) {
      const direction = { windowBits, noContextTakeover }
      const [deflater, inflater] = [new Deflater(direction), new Inflater(direction)]
      for (const index of [0, 1, 2]) {
        const message = messageOf('letters', index, 40_000)
        expect(inflater.inflate(deflater.deflate(message)).equals(message)).toBe(true)
      }
    }
  })
})

describe('compressed data that breaks a rule', () => {
  it('reaches back beyond the window', () => {
    const message = new Deflater({ windowBits: 10, noContextTakeover: true }).deflate(
      messageOf('letters', 0, 40_000),
    )
    expect(() => new Inflater({ windowBits: 9, noContextTakeover: true }).inflate(message)).toThrow(
      /a copy from \d+ bytes back, over 512/,
    )
  })

  it('reaches back into a message before, where none may', () => {
    const inflater = new Inflater({ windowBits: 15, noContextTakeover: true })
    inflater.inflate(hex('f248cdc9c90700'))
    expect(() => inflater.inflate(hex('f200110000'))).toThrow('a copy from 5 bytes back, over 1')
  })

  it.each([
    ['a block type that does not exist', '06'],
    ['a stored block of two lengths', '000500000048656c6c6f00'],
    ['ends too early', '000900f6ff48'],
    ['a Huffman code that is over-full', '04009204'],
  ])('is seen: %s', (rule, message) => {
    expect(() => inflate(message)).toThrow(rule)
  })

  it('cannot fill the memory', { timeout: 30_000 }, () => {
    const bomb = deflate(Buffer.alloc(80 * 1024 * 1024), { level: 9 })
    expect(() => new Inflater(KEPT).inflate(bomb)).toThrow('more than 67108864 bytes')
  })
})
