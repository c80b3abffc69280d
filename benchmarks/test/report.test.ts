import { describe, expect, it } from 'vitest'
import type { Line } from '../cases/case.ts'
import { thorough } from '../effort.ts'
import type { Machine } from '../machine.ts'
import type { Measurement } from '../measure.ts'
import { renderReport, reportFileName } from '../report.ts'
import { Results } from '../results.ts'

const machine: Machine = {
  cpu: 'AMD EPYC 9R14 (Genoa)',
  cores: 2,
  memoryGiB: 23.6,
  system: 'Linux 6.1',
  node: 'v20.20.2',
  load: 0.126,
  packages: { ws: '8.23.0', express: '5.3.0' },
}
const date = new Date('2026-03-04T23:00:00Z')
const small: Line = { name: 'echo-16B-32', title: 'echo of 16 B, 32 in flight', unit: 'µs' }
const rss: Line = { name: 'idle-rss', title: '5,000 idle connections, RSS', unit: 'KiB' }

describe('a report', () => {
  it('says where and with what it was measured', () => {
    const report = render([])
    expect(report).toContain('# Benchmarks, 2026-03-04')
    expect(report).toContain('AMD EPYC 9R14 (Genoa), 2 cores, 24 GiB, Linux 6.1; load average before: 0.13')
    expect(report).toContain('ws 8.23.0, express 5.3.0')
    expect(report).toContain('per case: 3, measured 3 times for 150 ms each')
  })

  it('puts the ratios to the floor and to ws beside each cost', () => {
    const report = render([
      ...rounds(small, 'net', [0.2, 0.2, 0.25]),
      ...rounds(small, 'ws', [5, 6, 5], 100_000),
    ])
    expect(row(report, 'net (the floor)')).toEqual([
      'echo of 16 B, 32 in flight',
      'net (the floor)',
      '0.200 µs',
      '1.00',
      '0.0400 (0.0333–0.0500)',
      '–',
    ])
    expect(row(report, 'ws')).toEqual(['', 'ws', '5.00 µs', '25.0 (20.0–30.0)', '1.00', '100,000'])
  })

  it('leaves out who was not measured', () => {
    const report = render(rounds(small, 'net', [0.2]))
    expect(report).not.toContain('| express-ws')
  })

  it('says of each target which servers held it', () => {
    const report = render([
      ...rounds(small, 'ws', [10, 10, 10]),
      ...rounds(small, 'upwire-core', [0.5, 1, 1.5]),
      ...rounds(small, 'upwire-express', [1.01, 1.01, 1.01]),
    ])
    expect(row(report, '0.100 × ws', 2)).toEqual([
      'echo of 16 B, 32 in flight',
      'Upwire core',
      '0.100 × ws',
      '0.100 (0.0500–0.150) held',
    ])
    expect(row(report, '0.101 missed', 3)).toEqual(['', 'Upwire on Express', '0.100 × ws', '0.101 missed'])
  })

  it('does not call a target held that nobody measured', () => {
    const report = render([...rounds(rss, 'net', [4.5]), ...rounds(rss, 'upwire-core', [5])])
    expect(row(report, '1.11 held', 3)).toEqual([
      '5,000 idle connections, RSS',
      'Upwire core',
      '1.15 × net',
      '1.11 held',
    ])
    expect(row(report, 'not measured', 3)).toEqual(['', 'Upwire on Express', '1.15 × net', 'not measured'])
  })

  it('lists only targets of the cases measured', () => {
    expect(render(rounds(rss, 'net', [4.5]))).not.toContain('× ws')
    expect(render([])).toContain('None concerns the cases measured.')
  })

  it('goes to a file named after the day and the machine', () => {
    expect(reportFileName({ date, machine })).toBe('2026-03-04-amd-epyc-9r14-genoa-2-cores.md')
  })
})

function render(measurements: Measurement[]): string {
  return renderReport({ date, machine, effort: thorough, results: new Results(measurements) })
}

function rounds(line: Line, server: string, costs: number[], perSecond?: number): Measurement[] {
  return costs.map((cost, round) => ({ line, server, round, cost, perSecond }))
}

/** The cells of the first row that has `text` in its second column, or in another. */
function row(report: string, text: string, column = 1): string[] | undefined {
  const rows = report.split('\n').map((line) => line.split('|').slice(1, -1))
  return rows.map((cells) => cells.map((cell) => cell.trim())).find((cells) => cells[column] === text)
}
