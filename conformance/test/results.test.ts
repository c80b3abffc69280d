import { describe, expect, it } from 'vitest'
import { differences, mergeResults, resultsOf } from '../results.ts'

describe('results', () => {
  it('are verdicts in words that are the same in every run', () => {
    const results = resultsOf(
      new Map([
        ['1', { kind: 'strict' }],
        ['2', { kind: 'non-strict', meaning: 'it is late' }],
        ['3', { kind: 'failed', difference: 'took 3.14 s' }],
        ['4', { kind: 'unimplemented', needs: 'compression' }],
      ]),
    )
    expect(results).toEqual({
      1: 'strict',
      2: 'non-strict: it is late',
      3: 'failed',
      4: 'unimplemented: needs compression',
    })
  })

  it('are compared where there are new ones', () => {
    const expected = { 1: 'strict', 2: 'strict', 3: 'failed' }
    expect(differences(expected, { 1: 'strict', 3: 'strict', 4: 'strict' })).toEqual([
      { id: '3', expected: 'failed', found: 'strict' },
      { id: '4', expected: 'nothing', found: 'strict' },
    ])
  })

  it('take the place of the expected ones in the order of the cases', () => {
    const expected = { '2.1': 'strict', '1.1': 'strict', gone: 'strict' }
    const merged = mergeResults(expected, { '1.2': 'failed', '1.1': 'failed' }, ['1.1', '1.2', '1.3', '2.1'])
    expect(JSON.stringify(merged)).toBe('{"1.1":"failed","1.2":"failed","2.1":"strict"}')
  })
})
