import { describe, expect, it } from 'vitest'
import type { Verdict } from '../driver/judge.ts'
import { renderDetails, renderDifferences, renderTable } from '../report.ts'
import type { Case, Section } from '../vocabulary/case.ts'

const testCase = (id: string): Case => ({ id, sentence: `does ${id}`, steps: [], strict: [] })
const sections: Section[] = [
  { number: 1, title: 'One', cases: [testCase('1.1'), testCase('1.2')] },
  { number: 2, title: 'Two', cases: [testCase('2.1'), testCase('2.2')] },
]
const verdicts = new Map<string, Verdict>([
  ['1.1', { kind: 'strict' }],
  ['1.2', { kind: 'non-strict', meaning: 'is late' }],
  ['2.1', { kind: 'failed', difference: 'is wrong' }],
])

describe('the report', () => {
  it('counts the verdicts of each section', () => {
    expect(renderTable(sections, verdicts)).toBe(
      [
        'section  strict  non-strict  failed  unimplemented',
        '1 One         1           1       ·              ·',
        '2 Two         ·           ·       1              ·',
        'all           1           1       1              ·',
      ].join('\n'),
    )
  })

  it('says of each case that is not strict why', () => {
    expect(renderDetails(sections, verdicts)).toEqual([
      '1.2 does 1.2\n  non-strict: is late',
      '2.1 does 2.1\n  failed: is wrong',
    ])
  })

  it('lists differences, but not without end', () => {
    const difference = { id: '1', expected: 'strict', found: 'failed' }
    expect(renderDifferences([difference])).toEqual(['1: expected strict, found failed'])
    const many = renderDifferences(Array(50).fill(difference))
    expect(many).toHaveLength(41)
    expect(many.at(-1)).toBe('and 10 more')
  })
})
