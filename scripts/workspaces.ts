import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** What this repository reads of a package.json. */
export interface Manifest {
  readonly name: string
  readonly version: string
  readonly private?: boolean
  readonly type?: string
  readonly license?: string
  /** What CommonJS gets from those who do not look at `exports`. */
  readonly main?: string
  readonly engines?: Readonly<Record<string, string>>
  readonly exports?: Readonly<Record<string, string | Entry>>
  readonly files?: readonly string[]
  readonly dependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
}

/** What a package exports under one name. */
export interface Entry {
  readonly '@upwire/source': string
  readonly types: string
  readonly default: string
  /** What CommonJS gets where that differs. */
  readonly require?: { readonly types: string; readonly default: string }
}

export interface Workspace {
  /** Its path from the root of the repository. */
  readonly folder: string
  readonly manifest: Manifest
}

/** Every workspace: the packages, the examples, the benchmarks, the conformance cases and what was written for ws. */
export function workspaces(root: string): Workspace[] {
  const folders = ['packages', 'examples'].flatMap((parent) =>
    readdirSync(join(root, parent)).map((name) => `${parent}/${name}`),
  )
  return [...folders, 'benchmarks', 'conformance', 'ecosystem'].map((folder) => ({
    folder,
    manifest: readManifest(join(root, folder)),
  }))
}

/** The packages that are published. */
export function publishedPackages(root: string): Workspace[] {
  return workspaces(root).filter(({ manifest }) => !manifest.private)
}

export function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
}

/** The entries of a package by the name users import, each with its source file, from the package's folder. */
export function entriesOf({ name, exports = {} }: Manifest): Map<string, string> {
  const entries = new Map<string, string>()
  for (const [path, target] of Object.entries(exports)) {
    if (typeof target === 'object') entries.set(name + path.slice(1), target['@upwire/source'])
  }
  return entries
}
