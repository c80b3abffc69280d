export interface Column {
  readonly heading: string
  readonly align: 'left' | 'right'
}

/** A Markdown table, padded so that it reads as well in a terminal. */
export function renderTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const widths = columns.map(({ heading }, index) =>
    Math.max(heading.length, ...rows.map((row) => row[index]!.length)),
  )
  const pad = (text: string, index: number) =>
    columns[index]!.align === 'right' ? text.padStart(widths[index]!) : text.padEnd(widths[index]!)
  const line = (cells: readonly string[]) => `| ${cells.map(pad).join(' | ')} |`
  const rule = columns.map(({ align }, index) => {
    const dashes = '-'.repeat(widths[index]! + 1)
    return align === 'right' ? `${dashes}:` : `:${dashes}`
  })
  return [line(columns.map(({ heading }) => heading)), `|${rule.join('|')}|`, ...rows.map(line)].join('\n')
}
