import { execFile } from 'node:child_process'
import { cp, mkdir, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Below the repository, so that the packages find what they depend on. */
const folder = resolve('node_modules/.cache/upwire/ecosystem', String(process.pid))

/** Builds @upwire/core and @upwire/ws into a folder, laid out as npm installs them. */
export async function build(): Promise<string> {
  await rm(folder, { recursive: true, force: true })
  for (const name of ['core', 'ws']) {
    const installed = join(folder, 'node_modules/@upwire', name)
    await mkdir(installed, { recursive: true })
    await cp(`packages/${name}/package.json`, join(installed, 'package.json'))
    await cp(`packages/${name}/src`, join(installed, 'src'), { recursive: true })
  }
  await Promise.all(['core', 'ws'].map((name) => compile(name)))
  return folder
}

export async function removeBuilt(): Promise<void> {
  await rm(folder, { recursive: true, force: true })
}

async function compile(name: string): Promise<void> {
  const to = join(folder, 'node_modules/@upwire', name, 'dist')
  const settings = [
    `packages/${name}/tsconfig.build.json`,
    '--outDir',
    to,
    '--customConditions',
    '@upwire/source',
  ]
  await run('node_modules/.bin/tsc', ['-p', ...settings])
}
