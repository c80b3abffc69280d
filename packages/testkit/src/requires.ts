import { existsSync } from 'node:fs'
import { beforeAll, describe } from 'vitest'

/** A program that some tests need and that npm does not install. */
export interface Program {
  readonly name: string
  /** Where Debian's package puts it. */
  readonly path: string
  /** The environment variable that names another place. */
  readonly variable: string
}

export const chromium: Program = { name: 'chromium', path: '/usr/bin/chromium', variable: 'CHROMIUM_PATH' }

/** What to start it with: no sandbox, as containers have none, and nothing that looks for a network. */
export const CHROMIUM_FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/**
 * A `describe` whose tests need a program; they are given its path. Where it is missing they are skipped, their names
 * saying what to install, or, with `CI=true`, fail: what CI does not run, nobody does.
 */
export function describeRequiring(program: Program, name: string, tests: (path: string) => void): void {
  const path = process.env[program.variable] ?? program.path
  if (existsSync(path)) {
    describe(name, () => tests(path))
    return
  }
  const reason = `needs ${program.name} at ${path}: run scripts/install-debian-packages.sh, or set ${program.variable}`
  describe.skipIf(process.env.CI !== 'true')(`${name} (${reason})`, () => {
    beforeAll(() => Promise.reject(new Error(reason)))
    tests(path)
  })
}
