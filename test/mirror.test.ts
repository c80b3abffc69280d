import { existsSync, readFileSync } from 'node:fs'
import { parseSync } from 'oxc-parser'
import { describe, expect, it } from 'vitest'
import { sourceFiles } from '../scripts/source-files.ts'

const NOTHING_TO_RUN = new Set([
  'ImportDeclaration',
  'ExportAllDeclaration',
  'TSInterfaceDeclaration',
  'TSTypeAliasDeclaration',
])

/** Whether a source does more than declare types, which the compiler checks, and name what other files export. */
function runs(file: string, source: string): boolean {
  return parseSync(file, source).program.body.some((statement) => {
    const declared = statement.type === 'ExportNamedDeclaration' ? statement.declaration : statement
    return declared !== null && !NOTHING_TO_RUN.has(declared.type)
  })
}

const testOf = (file: string): string => file.replace('/src/', '/test/').replace(/\.ts$/, '.test.ts')

describe('a source file that has something to run', () => {
  it('has a test file of its own', () => {
    const sources = sourceFiles('.').filter((file) => /^packages\/[^/]+\/src\/.*\.ts$/.test(file))
    const untested = sources.filter(
      (file) => runs(file, readFileSync(file, 'utf8')) && !existsSync(testOf(file)),
    )
    expect(untested).toEqual([])
  })

  it.each([
    ['export const a = 1', true],
    ['export class A {}', true],
    ['export default function () {}', true],
    ['start()', true],
    ["export { a } from './a.ts'\nexport type { B } from './b.ts'\nexport * from './c.ts'", false],
    [
      "import type { B } from './b.ts'\nexport interface A { b: B }\nexport type C = A | B\ntype D = C",
      false,
    ],
  ])('is told by its statements: %j %s', (source, expected) => {
    expect(runs('a.ts', source)).toBe(expected)
  })
})
