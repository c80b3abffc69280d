import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = new URL('../../', import.meta.url)
const folder = new URL('node_modules/.cache/guides/', root)

/** What a reader's project says of its files: modules, with the decorators of Nest. */
const project = {
  'package.json': { type: 'module' },
  'tsconfig.json': { compilerOptions: { experimentalDecorators: true }, include: ['*.ts'] },
}

export interface Program {
  readonly port: number
  stop(): Promise<void>
}

/** Runs a program's text as a reader would run the file: in a process of its own, listening on a free port. */
export async function runProgram(name: string, text: string): Promise<Program> {
  mkdirSync(folder, { recursive: true })
  for (const [file, content] of Object.entries(project)) {
    writeFileSync(new URL(file, folder), JSON.stringify(content))
  }
  const file = new URL(`${name}-${process.pid}.ts`, folder)
  writeFileSync(file, text)
  const child = fork(file, {
    cwd: root,
    env: { ...process.env, TSX_TSCONFIG_PATH: fileURLToPath(new URL('tsconfig.json', folder)) },
    execArgv: [
      '--import=tsx',
      '--conditions=@upwire/source',
      `--import=${new URL('any-port.mjs', import.meta.url)}`,
    ],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  const port = await Promise.race([portOf(child), failureOf(child, name)])
  return {
    port,
    async stop() {
      child.kill()
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
      rmSync(file, { force: true })
    },
  }
}

async function portOf(child: ChildProcess): Promise<number> {
  const [port] = await once(child, 'message')
  return Number(port)
}

async function failureOf(child: ChildProcess, name: string): Promise<never> {
  let output = ''
  child.stderr?.setEncoding('utf8').on('data', (text) => {
    output += text
  })
  const [code] = await once(child, 'exit')
  throw new Error(`${name} ended with ${code} before it listened:\n${output}`)
}
