import { posix } from 'node:path'
import { parseSync, Visitor } from 'oxc-parser'

/** One place where a file names another module. */
export interface Import {
  /** As written. `(computed)` when it is not a literal. */
  readonly specifier: string
  /** The path from the root of the repository for a relative specifier, else the specifier itself. */
  readonly target: string
  /** Whether the import is gone after compilation. `import { type X }` is not: it still loads the module. */
  readonly typeOnly: boolean
  readonly line: number
}

/** Every import, re-export, `import()` and `import('…').Type` of a TypeScript or JavaScript source. */
export function readImports(file: string, source: string): Import[] {
  const { program, errors } = parseSync(file, source)
  if (errors.length > 0) throw new SyntaxError(`${file}: ${errors[0].message}`)

  const imports: Import[] = []
  const add = (literal: unknown, typeOnly: boolean, offset: number): void => {
    const specifier = typeof literal === 'string' ? literal : '(computed)'
    const line = source.slice(0, offset).split('\n').length
    imports.push({ specifier, target: resolve(file, specifier), typeOnly, line })
  }
  new Visitor({
    ImportDeclaration: (node) => add(node.source.value, node.importKind === 'type', node.start),
    ExportAllDeclaration: (node) => add(node.source.value, node.exportKind === 'type', node.start),
    ExportNamedDeclaration: (node) => {
      if (node.source) add(node.source.value, node.exportKind === 'type', node.start)
    },
    ImportExpression: (node) => add('value' in node.source && node.source.value, false, node.start),
    TSImportType: (node) => add(node.source.value, true, node.start),
  }).visit(program)
  return imports
}

function resolve(file: string, specifier: string): string {
  return specifier.startsWith('.') ? posix.join(posix.dirname(file), specifier) : specifier
}
