/**
 * Inputs as people read and write them: a line each, in hex and in quoted text (Latin-1, as headers are), with spaces
 * wherever they help; lines that begin with `#` say what follows them.
 */

export interface Entry {
  readonly comment: string
  readonly input: Buffer
}

const PIECE = /\s*(?:"([^"]*)"|([0-9a-f]{2}))/gy

/** Throws a SyntaxError that names the line where it is neither. */
export function readEntries(text: string): Entry[] {
  const entries: Entry[] = []
  let comment = ''
  for (const [index, line] of text.split('\n').entries()) {
    if (line.startsWith('#')) comment = line.slice(1).trim()
    else if (line.trim() !== '') entries.push({ comment, input: readLine(line.trim(), index + 1) })
  }
  return entries
}

export function formatEntry({ comment, input }: Entry): string {
  return `# ${comment.replaceAll('\n', ' ')}\n${input.toString('hex')}\n`
}

function readLine(line: string, number: number): Buffer {
  const pieces = [...line.matchAll(PIECE)]
  if (pieces.reduce((length, [piece]) => length + piece.length, 0) !== line.length) {
    throw new SyntaxError(`Line ${number} is neither hex nor quoted text: ${line}`)
  }
  return Buffer.concat(
    pieces.map(([, quoted, hex]) => (hex ? Buffer.from(hex, 'hex') : Buffer.from(quoted, 'latin1'))),
  )
}
