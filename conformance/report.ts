import type { Verdict } from './driver/judge.ts'
import type { Difference } from './results.ts'
import type { Section } from './vocabulary/case.ts'

const MOST_DIFFERENCES = 40
const KINDS = ['strict', 'non-strict', 'failed', 'unimplemented'] as const

/** A row for each section: how many of its cases came out how. */
export function renderTable(sections: readonly Section[], verdicts: ReadonlyMap<string, Verdict>): string {
  const rows = sections.map(({ number, title, cases }) => {
    const kinds = cases.flatMap(({ id }) => verdicts.get(id)?.kind ?? [])
    return [`${number} ${title}`, ...counts(kinds)]
  })
  const total = ['all', ...counts([...verdicts.values()].map(({ kind }) => kind))]
  return align([['section', ...KINDS], ...rows, total])
}

/** What is to be said of each case that is not strict, with what it is about. */
export function renderDetails(
  sections: readonly Section[],
  verdicts: ReadonlyMap<string, Verdict>,
): string[] {
  return sections.flatMap(({ cases }) =>
    cases.flatMap(({ id, sentence }) => {
      const verdict = verdicts.get(id)
      if (verdict?.kind === 'non-strict') return `${id} ${sentence}\n  non-strict: ${verdict.meaning}`
      return verdict?.kind === 'failed' ? `${id} ${sentence}\n  failed: ${verdict.difference}` : []
    }),
  )
}

/** A line for each, up to as many as anybody reads. */
export function renderDifferences(differences: readonly Difference[]): string[] {
  const lines = differences.map(({ id, expected, found }) => `${id}: expected ${expected}, found ${found}`)
  const rest = lines.length - MOST_DIFFERENCES
  return rest > 0 ? [...lines.slice(0, MOST_DIFFERENCES), `and ${rest} more`] : lines
}

function counts(kinds: readonly Verdict['kind'][]): string[] {
  return KINDS.map((kind) => kinds.filter((each) => each === kind).length).map((count) =>
    String(count || '·'),
  )
}

function align(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)))
  const pad = (cell: string, column: number) =>
    column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!)
  return rows.map((row) => row.map(pad).join('  ')).join('\n')
}
