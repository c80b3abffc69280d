import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { delimiter, dirname, join, resolve } from 'node:path'

/** The lines of Node the tests must pass on, oldest first. */
const supported = ['20', '22', '24', '26']

interface Outcome {
  readonly version: string
  readonly passed: boolean
  /** The last line of the run. */
  readonly count: string
  readonly output: string
}

/** Fetched releases are kept here; remove the folder to fetch newer ones. */
const cache = resolve('node_modules/.cache/upwire/node')

/**
 * Runs the tests on each line of Node and prints one line for each: `npm run test:matrix -- 22 24 packages/core` takes
 * only the lines and the tests that are named.
 */
function testMatrix(args: readonly string[]): void {
  const named = args.filter((arg) => supported.includes(arg))
  const filters = args.filter((arg) => !supported.includes(arg))
  for (const line of named.length > 0 ? named : supported) {
    const { version, count, passed, output } = testOn(fetchNode(line), filters)
    if (!passed) {
      console.log(output)
      process.exitCode = 1
    }
    console.log(`Node ${version}: ${count}`)
  }
}

/** The path of a Node executable of that line, from npm's packages of Node's own releases. */
function fetchNode(line: string): string {
  const folder = join(cache, line)
  const name = `node-${process.platform}-${process.arch}`
  const node = join(folder, 'node_modules', name, 'bin/node')
  if (!existsSync(node)) {
    mkdirSync(folder, { recursive: true })
    execFileSync('npm', [
      'install',
      '--prefix',
      folder,
      '--no-audit',
      '--no-fund',
      '--silent',
      `${name}@${line}`,
    ])
  }
  return node
}

function testOn(node: string, filters: readonly string[]): Outcome {
  const version = execFileSync(node, ['--version'], { encoding: 'utf8' }).trim().slice(1)
  // The workers are started from the executable that runs vitest; what tests start as `node` is found through the path.
  const env = { ...process.env, PATH: `${dirname(node)}${delimiter}${process.env.PATH}` }
  const vitest = resolve('node_modules/vitest/vitest.mjs')
  const { status, stdout, stderr } = spawnSync(node, [vitest, 'run', ...filters], {
    encoding: 'utf8',
    env,
    maxBuffer: Infinity,
  })
  return {
    version,
    count: stdout.trimEnd().split('\n').at(-1) ?? '',
    passed: status === 0,
    output: stdout + stderr,
  }
}

testMatrix(process.argv.slice(2))
