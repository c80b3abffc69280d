import { isUtf8 } from 'node:buffer'
import { describe, expect, it } from 'vitest'
import { utf8Groups } from '../../cases/utf8-sequences.ts'

const sequences = utf8Groups.flatMap((group) => group.sequences)

describe('the UTF-8 sequences', () => {
  it('are judged as Node judges them', () => {
    const misjudged = sequences.filter(({ bytes, isValid }) => isUtf8(bytes) !== isValid)
    expect(misjudged.map(({ bytes }) => bytes.toString('hex'))).toEqual([])
  })

  it('are as many in each group as in the Autobahn test suite', () => {
    expect(utf8Groups.map((group) => group.sequences.length)).toEqual([
      5, 11, 4, 2, 4, 3, 5, 8, 5, 10, 1, 3, 5, 5, 5, 7, 8, 34, 7,
    ])
  })
})
