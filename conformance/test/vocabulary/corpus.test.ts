import { isAscii } from 'node:buffer'
import { deflateRawSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { type CorpusName, messageOf } from '../../vocabulary/corpus.ts'

const TEXTS: CorpusName[] = ['filler', 'json', 'prose', 'html', 'letters']

describe('a message out of a corpus', () => {
  it.each<CorpusName>([...TEXTS, 'bitmap', 'noise'])('of %s has the size asked for', (corpus) => {
    expect([0, 16, 131_072].map((bytes) => messageOf(corpus, 3, bytes).length)).toEqual([0, 16, 131_072])
  })

  it.each(TEXTS)('of %s can be cut anywhere: it is ASCII', (corpus) => {
    expect(isAscii(messageOf(corpus, 0, 400_000))).toBe(true)
  })

  it('goes on where the one before it ended', () => {
    const whole = messageOf('json', 0, 300)
    expect(Buffer.concat([0, 1, 2].map((index) => messageOf('json', index, 100)))).toEqual(whole)
  })

  it('begins again at the end of the corpus', () => {
    expect(messageOf('filler', 1, 60).toString()).toBe(
      'Y0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVW',
    )
  })

  it('is compressible, but for noise', () => {
    const ratio = (corpus: CorpusName) => deflateRawSync(messageOf(corpus, 0, 100_000)).length / 100_000
    expect(['json', 'bitmap', 'prose', 'html'].every((name) => ratio(name as CorpusName) < 0.5)).toBe(true)
    expect(ratio('noise')).toBeGreaterThan(0.99)
  })
})
