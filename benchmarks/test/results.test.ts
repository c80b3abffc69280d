import { describe, expect, it } from 'vitest'
import type { Line } from '../cases/case.ts'
import { Results } from '../results.ts'

const line: Line = { name: 'echo', title: 'echo', unit: 'µs' }

describe('Results', () => {
  it('takes the median of the rounds as the cost', () => {
    const results = of({ ws: [4, 90, 5] })
    expect(results.cost('echo', 'ws')).toBe(5)
  })

  it('compares each round with the same round of the other server', () => {
    const results = of({ net: [1, 10, 2], ws: [3, 20, 8] })
    expect(results.ratio('echo', 'ws', 'net')).toEqual({ median: 3, lowest: 2, highest: 4 })
  })

  it('has no ratio to a server that was not measured', () => {
    expect(of({ ws: [3] }).ratio('echo', 'ws', 'net')).toBeUndefined()
    expect(of({ ws: [3] }).ratio('echo', 'net', 'ws')).toBeUndefined()
  })

  it('has no rate for a line that counts no work', () => {
    expect(of({ ws: [3] }).perSecond('echo', 'ws')).toBeUndefined()
  })

  it('takes the median of the rates', () => {
    const results = new Results(
      [7, 9, 8].map((perSecond, round) => ({ line, server: 'ws', round, cost: 1, perSecond })),
    )
    expect(results.perSecond('echo', 'ws')).toBe(8)
  })

  it('names each line once, in the order of the measurements', () => {
    const other: Line = { name: 'idle', title: 'idle', unit: 'KiB' }
    const measured = [line, other, line].map((each, round) => ({ line: each, server: 'ws', round, cost: 1 }))
    expect(new Results(measured).lines).toEqual([line, other])
  })
})

function of(costs: Record<string, number[]>): Results {
  return new Results(
    Object.entries(costs).flatMap(([server, rounds]) =>
      rounds.map((cost, round) => ({ line, server, round, cost })),
    ),
  )
}
