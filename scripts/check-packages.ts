import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { entriesOf, publishedPackages } from './workspaces.ts'

/** The oldest and the newest line of Node with whose types the packages compile. */
const typesOfNode = ['20', '26']

/**
 * Checks the packages as users get them: packs what was built, looks at it with publint and attw, installs the archives
 * next to each other in an empty project, and there loads every entry by `import` and by `require()` and compiles a
 * program against its types; and puts them in the place of `ws` in another, by an override.
 */
function checkPackages(consumer: string): void {
  const packages = publishedPackages('.')
  const archives = packages.map(({ folder, manifest }) => {
    const archive = pack(folder, consumer)
    run('publint', ['run', folder, '--strict'])
    const profile = manifest.main ? 'node16' : 'esm-only'
    run('attw', [archive, '--profile', profile, '--no-definitely-typed', '--no-summary'])
    return archive
  })

  write(consumer, 'package.json', JSON.stringify({ private: true, type: 'module' }))
  install(consumer, [...archives, '@types/express', '@msgpack/msgpack'])
  const entries = packages.flatMap(({ manifest }) => [...entriesOf(manifest).keys()])
  for (const entry of entries) {
    load(consumer, 'load.mjs', `await import('${entry}')`)
    load(consumer, 'load.cjs', `require('${entry}')`)
  }
  for (const line of typesOfNode) {
    install(consumer, [`@types/node@${line}`])
    compile(consumer, entries)
  }
  override(join(consumer, 'override'), archives)
  console.log(`${packages.length} packages, ${entries.length} entries: nothing wrong`)
}

/** A project whose dependency gets @upwire/ws where it asks for ws. */
function override(project: string, archives: readonly string[]): void {
  const archiveOf = (name: string) => `file:${archives.find((archive) => basename(archive).startsWith(name))}`
  const overrides = { ws: archiveOf('upwire-ws'), '@upwire/core': archiveOf('upwire-core') }
  mkdirSync(project)
  write(project, 'package.json', JSON.stringify({ private: true, type: 'module', overrides }))
  install(project, ['superwstest'])
  console.log('> what superwstest gets for ws')
  write(project, 'check.mjs', OVERRIDE_CHECK)
  execFileSync(process.execPath, ['check.mjs'], { cwd: project, stdio: 'inherit' })
}

const OVERRIDE_CHECK = `
  import assert from 'node:assert'
  import { createRequire } from 'node:module'
  const require = createRequire(createRequire(import.meta.url).resolve('superwstest'))
  const { name, dependencies } = require('ws/package.json')
  assert.deepEqual([name, Object.keys(dependencies)], ['@upwire/ws', ['@upwire/core']])
  assert.equal(require('ws'), (await import('ws')).default)
  assert.equal(require('ws').Server, (await import('ws')).WebSocketServer)
`

function pack(folder: string, destination: string): string {
  const args = ['pack', '--json', '--pack-destination', destination]
  const output = execFileSync('npm', args, { cwd: folder, encoding: 'utf8' })
  const [archive]: { filename: string }[] = JSON.parse(output)
  return join(destination, archive.filename)
}

function install(consumer: string, packages: readonly string[]): void {
  execFileSync('npm', ['install', '--no-audit', '--no-fund', ...packages], {
    cwd: consumer,
    stdio: 'inherit',
  })
}

/** A module without names, or one that throws while it loads, ends the check. */
function load(consumer: string, file: string, expression: string): void {
  console.log(`> ${expression}`)
  write(consumer, file, `if (Object.keys(${expression}).length === 0) throw new Error('It exports nothing')`)
  execFileSync(process.execPath, [file], { cwd: consumer, stdio: 'inherit' })
}

function compile(consumer: string, entries: readonly string[]): void {
  const lines = entries.map((entry, index) => `import * as m${index} from '${entry}'\nconsole.log(m${index})`)
  write(consumer, 'types.ts', lines.join('\n'))
  run('tsc', ['--noEmit', '--strict', '--module', 'nodenext', '--types', 'node', 'types.ts'], consumer)
}

function write(folder: string, file: string, text: string): void {
  writeFileSync(join(folder, file), text)
}

function run(program: string, args: readonly string[], cwd = '.'): void {
  console.log(`> ${program} ${args.join(' ')}`)
  execFileSync(resolve('node_modules/.bin', program), args, { cwd, stdio: 'inherit' })
}

const consumer = mkdtempSync(join(tmpdir(), 'upwire-packages-'))
try {
  checkPackages(consumer)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
} finally {
  rmSync(consumer, { recursive: true })
}
