import { describe, expect, it } from 'vitest'
import { type Import, readImports } from '../../../scripts/layers/read-imports.ts'

const read = (source: string): Import[] => readImports('packages/core/src/server/accept.ts', source)

const target = 'packages/core/src/protocol/mask.ts'
const specifier = '../protocol/mask.ts'

describe('readImports', () => {
  it.each([
    `import mask from '${specifier}'`,
    `import * as mask from '${specifier}'`,
    `import '${specifier}'`,
    `import { type Mask } from '${specifier}'`,
    `export { mask } from '${specifier}'`,
    `export * from '${specifier}'`,
    `const mask = await import('${specifier}')`,
  ])('reads what loads a module: %s', (source) => {
    expect(read(source)).toEqual([{ specifier, target, typeOnly: false, line: 1 }])
  })

  it.each([
    `import type { Mask } from '${specifier}'`,
    `export type { Mask } from '${specifier}'`,
    `export type * from '${specifier}'`,
    `type Mask = import('${specifier}').Mask`,
  ])('reads what names only types: %s', (source) => {
    expect(read(source)).toEqual([{ specifier, target, typeOnly: true, line: 1 }])
  })

  it('leaves the names of packages and builtins as they are', () => {
    expect(read("import 'node:net'\n\nimport 'find-my-way'")).toEqual([
      { specifier: 'node:net', target: 'node:net', typeOnly: false, line: 1 },
      { specifier: 'find-my-way', target: 'find-my-way', typeOnly: false, line: 3 },
    ])
  })

  it('does not hide an import whose name is computed', () => {
    expect(read('await import(name)')).toEqual([
      { specifier: '(computed)', target: '(computed)', typeOnly: false, line: 1 },
    ])
  })

  it('reads nothing from comments and strings', () => {
    expect(read(`// import '${specifier}'\nexport const text = "import '${specifier}'"`)).toEqual([])
  })

  it('says which file it could not parse', () => {
    expect(() => read('import {')).toThrow(/^packages\/core\/src\/server\/accept\.ts: /)
  })
})
