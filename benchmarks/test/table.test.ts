import { expect, it } from 'vitest'
import { renderTable } from '../table.ts'

it('pads every column to its widest cell and tells Markdown the alignment', () => {
  const columns = [
    { heading: 'server', align: 'left' },
    { heading: 'cost', align: 'right' },
  ] as const
  const rows = [
    ['ws', '5.50 µs'],
    ['express-ws', '12 µs'],
  ]
  expect(renderTable(columns, rows)).toBe(
    [
      '| server     |    cost |',
      '|:-----------|--------:|',
      '| ws         | 5.50 µs |',
      '| express-ws |   12 µs |',
    ].join('\n'),
  )
})
