import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

export interface Run {
  readonly exitCode: number
  readonly output: string
  readonly lastLine: string
}

/** Runs test files, given by name and source, in a process of their own, as `npm test` runs those of the repository. */
export async function runVitest(
  files: Record<string, string>,
  env: Record<string, string> = {},
): Promise<Run> {
  const root = mkdtempSync(join(tmpdir(), 'upwire-vitest-'))
  for (const [name, source] of Object.entries(files)) writeFileSync(join(root, name), source)
  try {
    return await run(
      ['run', '--root', root, '--globals', '--reporter=default', `--reporter=${reporter}`],
      env,
    )
  } finally {
    rmSync(root, { recursive: true })
  }
}

const vitest = resolve('node_modules/vitest/vitest.mjs')
const reporter = resolve('test/support/count-reporter.ts')

function run(args: readonly string[], env: Record<string, string>): Promise<Run> {
  return new Promise((done) => {
    const options = { env: { ...process.env, CI: '', NO_COLOR: '1', ...env } }
    const child = execFile(process.execPath, [vitest, ...args], options, (_, stdout, stderr) => {
      const lastLine = stdout.trimEnd().split('\n').at(-1) ?? ''
      done({ exitCode: child.exitCode ?? -1, output: stdout + stderr, lastLine })
    })
  })
}
