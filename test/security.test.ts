import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { DEFAULT_LIMITS } from '../packages/core/src/websocket/limits.ts'
import { sourceFiles } from '../scripts/source-files.ts'

const page = readFileSync('SECURITY.md', 'utf8')

/** The first cells of the rows that begin with a limit, and of those that begin with an advisory. */
const limits = new Map(
  [...page.matchAll(/^\| `(\w+)` \| ([^|]+) \|/gm)].map(([, option, value]) => [option, value]),
)
const advisories = [...page.matchAll(/^\| ((?:CVE|GHSA)\S+) \| ([^|]+) \| \[.+\]\((.+)\) \|$/gm)].map(
  ([, ...cells]) => cells,
)

const UNITS: Record<string, number> = { KiB: 1024, MiB: 1024 * 1024, s: 1000 }

/** `10 s` → 10000, `off` → 0, `no limit` → Infinity, `` `close` `` → close. */
function defaultIn(cell: string | undefined): number | string | undefined {
  if (cell === 'off') return 0
  if (cell === 'no limit') return Number.POSITIVE_INFINITY
  const [, number, unit] = /^(\d+) (\w+)/.exec(cell ?? '') ?? []
  return number ? Number(number) * (UNITS[unit] ?? 1) : cell?.replaceAll('`', '')
}

describe('SECURITY.md', () => {
  it.each(Object.entries(DEFAULT_LIMITS))('says that the default of %s is %s', (option, value) => {
    expect(defaultIn(limits.get(option))).toBe(value)
  })

  it.each(advisories)('says of %s that it was: %s, and where it is a test', (advisory, _, file) => {
    expect(readFileSync(file, 'utf8')).toContain(advisory)
  })

  it('names every advisory that a test names', () => {
    const tests = sourceFiles('.').filter((file) => /^(?:packages|examples)\/.*\.test\.ts$/.test(file))
    const named = tests.flatMap(
      (file) => readFileSync(file, 'utf8').match(/\b(?:CVE-\d+-\d+|GHSA(?:-\w{4}){3})\b/g) ?? [],
    )
    const listed = new Set(advisories.map(([advisory]) => advisory))
    expect([...new Set(named)].filter((advisory) => !listed.has(advisory))).toEqual([])
  })
})
