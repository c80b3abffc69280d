import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { select } from '../arguments.ts'
import { sections } from '../cases/sections.ts'
import { casesFor, runCases } from '../driver/run.ts'
import { withEndpoint } from '../driver/with-endpoint.ts'
import { readExpected, resultsOf } from '../results.ts'
import { targets } from '../targets/targets.ts'

/** All but what takes long: large messages, many fragments, compressed megabytes. `npm run conformance` has them. */
const FAST = [
  ...['1', '2', '3', '4', '5', '6', '7', '10'],
  ...['9.1.1', '9.1.2', '9.2.1', '9.2.2', '9.3.9', '9.4.9', '9.7.1', '9.8.2'],
  ...['12.1.1', '13.5.1', '20', '21', '22.8.8', '22.9.15', '22.15.9', '23', '24'],
]

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')

describe.concurrent.each(targets)('$name', (target) => {
  it('does in the fast cases what its committed results say', { timeout: 60_000 }, async () => {
    const cases = select(sections, FAST).flatMap((section) => casesFor(target.role, section.cases))
    const verdicts = await withEndpoint(target, (endpoint) => runCases(cases, endpoint))
    const expected = await readExpected(target.name)
    expect(resultsOf(verdicts)).toEqual(Object.fromEntries(cases.map(({ id }) => [id, expected[id]])))
  })

  it('has results for every case that it can play', async () => {
    const ids = sections.flatMap(({ cases }) => casesFor(target.role, cases)).map(({ id }) => id)
    expect(Object.keys(await readExpected(target.name))).toEqual(ids)
  })

  it('is explained wherever it is not strict', async () => {
    const explained = explanationsOf(target.name)
    const unexplained = Object.entries(await readExpected(target.name))
      .filter(([, words]) => words === 'failed' || words.startsWith('non-strict'))
      .filter(([id]) => !explained.some((range) => isIn(id, range)))
    expect(unexplained).toEqual([])
  })
})

/** The ids, and the ranges `first–last` of ids, in the first cells of the rows under the target's heading. */
function explanationsOf(target: string): string[] {
  const [, section = ''] = readme.split(`### ${target}\n`)
  const [table = ''] = section.split('\n#')
  return [...table.matchAll(/^\| ([\d.–, ]+) \|/gm)].flatMap(([, cell = '']) => cell.split(', '))
}

function isIn(id: string, range: string): boolean {
  const [first = '', last = first] = range.split('–')
  const [group, number] = split(id)
  return split(first)[0] === group && split(first)[1] <= number && number <= split(last)[1]
}

function split(id: string): [group: string, number: number] {
  const at = id.lastIndexOf('.')
  return [id.slice(0, at), Number(id.slice(at + 1))]
}
