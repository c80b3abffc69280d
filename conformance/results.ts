import { readFile, writeFile } from 'node:fs/promises'
import type { Verdict } from './driver/judge.ts'

/** By the id of a case: its verdict in a few words that are the same in every run. */
export type Results = Readonly<Record<string, string>>

/** Where a case came out otherwise than the committed results say. */
export interface Difference {
  readonly id: string
  readonly expected: string
  readonly found: string
}

export function resultsOf(verdicts: ReadonlyMap<string, Verdict>): Results {
  return Object.fromEntries([...verdicts].map(([id, verdict]) => [id, inWords(verdict)]))
}

/** Of the cases that were played; those that were not are left alone. */
export function differences(expected: Results, found: Results): Difference[] {
  return Object.entries(found)
    .map(([id, words]) => ({ id, expected: expected[id] ?? 'nothing', found: words }))
    .filter((each) => each.expected !== each.found)
}

export async function readExpected(target: string): Promise<Results> {
  try {
    return JSON.parse(await readFile(fileOf(target), 'utf8'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {}
    throw error
  }
}

export async function writeExpected(target: string, results: Results): Promise<void> {
  await writeFile(fileOf(target), `${JSON.stringify(results, null, 2)}\n`)
}

/** `found` in place of what was expected, in the order of `ids`; what is not among them is gone. */
export function mergeResults(expected: Results, found: Results, ids: readonly string[]): Results {
  const merged: Results = { ...expected, ...found }
  return Object.fromEntries(ids.flatMap((id) => (merged[id] === undefined ? [] : [[id, merged[id]]])))
}

function inWords(verdict: Verdict): string {
  switch (verdict.kind) {
    case 'strict':
    case 'failed':
      return verdict.kind
    case 'non-strict':
      return `non-strict: ${verdict.meaning}`
    case 'unimplemented':
      return `unimplemented: needs ${verdict.needs}`
  }
}

function fileOf(target: string): URL {
  return new URL(`./expected/${target}.json`, import.meta.url)
}
