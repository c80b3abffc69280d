import { describe, expect, it } from 'vitest'
import { findCycles } from '../../../scripts/layers/find-cycles.ts'

const cyclesOf = (graph: Record<string, string[]>): string[][] => findCycles(new Map(Object.entries(graph)))

describe('findCycles', () => {
  it('finds none where every arrow points down', () => {
    expect(cyclesOf({ a: ['b', 'c'], b: ['c'], c: ['outside'] })).toEqual([])
  })

  it('finds a file that imports itself', () => {
    expect(cyclesOf({ a: ['a'] })).toEqual([['a']])
  })

  it('leaves out the files that only lead to the cycle', () => {
    expect(cyclesOf({ a: ['b'], b: ['c'], c: ['b', 'd'], d: [] })).toEqual([['b', 'c']])
  })

  it('names the shortest cycle of a knot, once', () => {
    expect(cyclesOf({ a: ['b'], b: ['c'], c: ['a', 'd'], d: ['a', 'b'] })).toEqual([['a', 'b', 'c']])
  })

  it('finds every knot', () => {
    expect(cyclesOf({ a: ['b'], b: ['a', 'c'], c: ['d'], d: ['c'] })).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ])
  })
})
