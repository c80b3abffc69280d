import { findCycles } from './find-cycles.ts'
import { type Import, readImports } from './read-imports.ts'
import type { BackReference, Layer } from './table.ts'

/** Sources by their path from the root of the repository. */
export type Sources = ReadonlyMap<string, string>

export interface Table {
  readonly layers: readonly Layer[]
  readonly backReferences: readonly BackReference[]
}

/** What is wrong with the imports of a tree, one line each that begins with the file; empty when nothing is. */
export function checkLayers(sources: Sources, { layers, backReferences }: Table): string[] {
  const importsOf = new Map([...sources].map(([file, source]) => [file, readImports(file, source)]))
  return [
    ...[...importsOf].flatMap(([file, imports]) => checkFile(file, imports, layers)),
    ...checkCycles(importsOf, backReferences),
  ]
}

function checkFile(file: string, imports: readonly Import[], layers: readonly Layer[]): string[] {
  const layer = layers.find(({ files }) => fits(files, file, file))
  if (!layer) return [`${file}: fits no row of scripts/layers/table.ts`]
  return imports.flatMap((found) => {
    const objection = objectionTo(found, file, layer)
    return objection ? [`${file}:${found.line}: ${objection}`] : []
  })
}

function objectionTo(found: Import, file: string, layer: Layer): string | undefined {
  const isIn = (patterns: readonly string[]): boolean =>
    patterns.some((pattern) => families[pattern]?.test(found.specifier) ?? fits(pattern, found.target, file))
  if (isIn(layer.imports)) return undefined
  if (!isIn(layer.types ?? [])) return `${layer.files} may not import ${found.target}`
  return found.typeOnly
    ? undefined
    : `${layer.files} may import only types of ${found.target}: write \`import type\``
}

const families: Record<string, RegExp | undefined> = {
  'node:*': /^node:/,
  'npm:*': /^(?![./]|node:|@upwire\/)/,
}

/** Whether a pattern of the table fits a path or a module's name, as seen from a file. */
function fits(pattern: string, name: string, file: string): boolean {
  const whole = pattern.startsWith('./') ? workspaceOf(file) + pattern.slice(2) : pattern
  const expression = whole.replaceAll('.', '\\.').replaceAll('*', '[^/]+')
  return new RegExp(`^${expression}${whole.endsWith('/') ? '' : '$'}`).test(name)
}

/** `packages/core/` for `packages/core/src/index.ts`, `benchmarks/` for `benchmarks/bench.ts`. */
function workspaceOf(file: string): string {
  return /^(?:packages|examples)\/[^/]+\/|^[^/]+\//.exec(file)?.[0] ?? ''
}

function checkCycles(
  importsOf: ReadonlyMap<string, readonly Import[]>,
  backReferences: readonly BackReference[],
): string[] {
  const used = new Set<BackReference>()
  const isBackReference = (file: string, { target, typeOnly }: Import): boolean => {
    const fitting = backReferences.find(({ from, to }) => typeOnly && fits(from, file, file) && to === target)
    if (fitting) used.add(fitting)
    return fitting !== undefined
  }
  const graph = new Map(
    [...importsOf].map(([file, imports]) => [
      file,
      imports.filter((found) => !isBackReference(file, found)).map(({ target }) => target),
    ]),
  )
  const unused = backReferences.filter((listed) => !used.has(listed))
  return [
    ...findCycles(graph).map((cycle) => `${cycle[0]}: imports itself: ${[...cycle, cycle[0]].join(' → ')}`),
    ...unused.map(
      ({ from, to }) => `${from}: no longer imports types of ${to}: strike it from backReferences`,
    ),
  ]
}
