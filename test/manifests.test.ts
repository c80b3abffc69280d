import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readImports } from '../scripts/layers/read-imports.ts'
import { sourceFiles } from '../scripts/source-files.ts'
import { entriesOf, publishedPackages, readManifest, workspaces } from '../scripts/workspaces.ts'

const root = readManifest('.')
const lerna: { version: string } = JSON.parse(readFileSync('lerna.json', 'utf8'))

describe.each(workspaces('.'))('$manifest.name', ({ folder, manifest }) => {
  it('has the one version of the repository', () => {
    expect(manifest.version).toBe(lerna.version)
  })

  it('names its siblings by that version', () => {
    const all = { ...manifest.dependencies, ...manifest.peerDependencies, ...manifest.devDependencies }
    const siblings = Object.entries(all).filter(([name]) => name.startsWith('@upwire/'))
    expect(siblings.filter(([, range]) => range !== lerna.version)).toEqual([])
  })

  it('asks for the Node the repository asks for', () => {
    expect(manifest.engines ?? root.engines).toEqual(root.engines)
  })

  it('is made of ES modules', () => {
    expect(manifest.type).toBe('module')
  })

  it('has its build settings if it is built', () => {
    expect(existsSync(join(folder, 'tsconfig.build.json'))).toBe(!manifest.private)
  })
})

describe.each(publishedPackages('.'))('$manifest.name, as published', ({ folder, manifest }) => {
  const entries = [...entriesOf(manifest)]

  it('carries its sources, so that source maps lead somewhere', () => {
    expect(manifest.files).toEqual(['dist', 'src'])
  })

  it('says which Node it needs and which licence it has', () => {
    expect(manifest.engines).toEqual(root.engines)
    expect(manifest.license).toBe('MIT')
  })

  it.each(entries)('exports as %s what is built from %s', (name, source) => {
    expect(existsSync(join(folder, source))).toBe(true)
    const built = source.replace('./src/', './dist/').replace(/\.ts$/, '')
    const targets = Object.entries(manifest.exports?.[name.replace(manifest.name, '.')] ?? {})
    expect(targets.filter(([condition]) => condition !== 'require')).toEqual([
      ['@upwire/source', source],
      ['types', `${built}.d.ts`],
      ['default', `${built}.js`],
    ])
  })

  it('gives to require() a file of its sources, if it has one for it', () => {
    const targets = Object.values(manifest.exports ?? {}).filter((target) => typeof target === 'object')
    const files = targets.flatMap((target) => Object.values(target.require ?? {}))
    expect(files.filter((file) => !existsSync(join(folder, file)))).toEqual([])
  })

  it('depends on every package its sources load', () => {
    const declared = { ...manifest.dependencies, ...manifest.peerDependencies }
    const imported = sourceFiles('.', `${folder}/src`)
      .flatMap((file) => readImports(file, readFileSync(file, 'utf8')))
      .filter(({ specifier, typeOnly }) => !typeOnly && !/^(?:\.|node:)/.test(specifier))
      .map(({ specifier }) => /^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0])
    expect(imported.filter((name) => !(name && name in declared))).toEqual([])
  })
})

describe('package-lock.json', () => {
  it('names no registry, so that it installs from any', () => {
    const lock: { packages: Record<string, { resolved?: string }> } = JSON.parse(
      readFileSync('package-lock.json', 'utf8'),
    )
    const hosts = Object.values(lock.packages).filter(({ resolved }) => resolved?.includes('://'))
    expect(hosts).toEqual([])
  })

  it('holds every optional package of every platform', () => {
    const lock: { packages: Record<string, { optionalDependencies?: Record<string, string> }> } = JSON.parse(
      readFileSync('package-lock.json', 'utf8'),
    )
    const locked = new Set(Object.keys(lock.packages).map((path) => path.split('node_modules/').at(-1)))
    const named = Object.values(lock.packages).flatMap((entry) =>
      Object.keys(entry.optionalDependencies ?? {}),
    )
    expect(named.filter((name) => !locked.has(name))).toEqual([])
  })
})
