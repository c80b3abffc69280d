import { describe, expect, it } from 'vitest'
import { sections } from '../../cases/sections.ts'

const cases = sections.flatMap((section) => section.cases)

describe('the cases', () => {
  it('have an id each, which begins with the number of their section', () => {
    const ids = cases.map(({ id }) => id)
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([])
    for (const { number, cases } of sections) {
      expect(cases.filter(({ id }) => !id.startsWith(`${number}.`))).toEqual([])
    }
  })

  it('are as many as in the Autobahn test suite, in the sections that it has', () => {
    const counts = Object.fromEntries(sections.map(({ number, cases }) => [number, cases.length]))
    expect(counts).toMatchObject({
      1: 16,
      2: 11,
      3: 7,
      4: 10,
      5: 20,
      6: 145,
      7: 37,
      9: 54,
      10: 1,
      12: 90,
      13: 126,
    })
  })

  it('have every combination of windows and takeover', () => {
    const windows = sections.find(({ number }) => number === 22)!.cases
    expect(new Set(windows.map(({ compression }) => JSON.stringify(compression))).size).toBe(8 * 8 * 4)
  })

  it('begin their sentence with what the endpoint does', () => {
    expect(cases.filter(({ sentence }) => !/^[a-z]+s /.test(sentence))).toEqual([])
  })

  it('tell apart, by its meaning, every outcome that is not strict', () => {
    const vague = cases.filter(({ nonStrict = [] }) => {
      const meanings = nonStrict.map(({ meaning }) => meaning)
      return new Set(meanings).size < meanings.length
    })
    expect(vague).toEqual([])
  })
})
