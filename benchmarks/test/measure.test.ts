import { describe, expect, it } from 'vitest'
import type { Case, Line, LoadProgram, ServerProgram } from '../cases/case.ts'
import { type Turns, thorough } from '../effort.ts'
import { type Measurement, measure } from '../measure.ts'
import type { Server } from '../servers.ts'

const line: Line = { name: 'echo', title: 'echo', unit: 'µs' }

describe('measure', () => {
  it('takes the servers in turns, each round starting one further', async () => {
    const { log } = await run({ processes: 1, rounds: 3 })
    expect(log.filter((entry) => entry.startsWith('measure'))).toEqual([
      ...['measure a', 'measure b', 'measure c'],
      ...['measure b', 'measure c', 'measure a'],
      ...['measure c', 'measure a', 'measure b'],
    ])
  })

  it('opens every server before the first measurement and closes them after the last', async () => {
    const { log } = await run({ processes: 1, rounds: 1 })
    expect(log.slice(0, 3)).toEqual(['open a', 'open b', 'open c'])
    expect(log.slice(-3)).toEqual(['close a', 'close b', 'close c'])
  })

  it('leaves out the server that has no program for the task', async () => {
    const { log, measurements } = await run({ processes: 1, rounds: 1 })
    expect(log).not.toContain('open d')
    expect(measurements.map(({ server }) => server)).toEqual(['a', 'b', 'c'])
  })

  it('starts over with new processes and goes on counting the rounds', async () => {
    const { log, measurements } = await run({ processes: 2, rounds: 1 })
    expect(log.filter((entry) => entry.startsWith('open'))).toHaveLength(6)
    expect(measurements.filter(({ server }) => server === 'a')).toEqual([
      { line, cost: 1, server: 'a', round: 0 },
      { line, cost: 1, server: 'a', round: 1 },
    ])
    expect(log.indexOf('close c')).toBeLessThan(log.lastIndexOf('open a'))
  })
})

/** Measures servers named a, b and c by a case that only writes down what is asked of it. */
async function run(turns: Turns): Promise<{ log: string[]; measurements: Measurement[] }> {
  const log: string[] = []
  let starting = ''
  const noted: Case = {
    name: 'noted',
    task: 'echo',
    turns: () => turns,
    async open(start) {
      start()
      const server = starting
      log.push(`open ${server}`)
      return {
        async measure() {
          log.push(`measure ${server}`)
          return [{ line, cost: 1 }]
        },
        async close() {
          log.push(`close ${server}`)
        },
      }
    },
  }
  const measurements = await measure({
    cases: [noted],
    servers: [
      ...['a', 'b', 'c'].map((name): Server => ({ name, title: name, programs: { echo: name } })),
      { name: 'd', title: 'd', programs: { connect: 'd' } },
    ],
    effort: thorough,
    load: {} as LoadProgram,
    start: ({ name }) => {
      starting = name
      return {} as ServerProgram
    },
    progress: () => {},
  })
  return { log, measurements }
}
