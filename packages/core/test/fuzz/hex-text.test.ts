import { describe, expect, it } from 'vitest'
import { formatEntry, readEntries } from '../../fuzz/hex-text.ts'

describe('inputs as text', () => {
  it('are hex and quoted text, with spaces between as one likes, under the comment before them', () => {
    expect(readEntries('# two bytes\n00ff\n\n# a header\n01 "a; b=" 22 "é"22\n')).toEqual([
      { comment: 'two bytes', input: Buffer.from('00ff', 'hex') },
      { comment: 'a header', input: Buffer.from('\x01a; b="é"', 'latin1') },
    ])
  })

  it('are read as they are written', () => {
    const entry = { comment: 'any\nbytes', input: Buffer.from('00ff22', 'hex') }
    expect(readEntries(formatEntry(entry))).toEqual([{ ...entry, comment: 'any bytes' }])
  })

  it.each(['0', 'xy', '"never ends', '00 # late'])('are refused with their line: %s', (line) => {
    expect(() => readEntries(`# what\n${line}`)).toThrow(`Line 2 is neither hex nor quoted text: ${line}`)
  })
})
