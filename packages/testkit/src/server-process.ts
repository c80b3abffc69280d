import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const SCRIPT = ['--import', 'tsx', '--conditions=@upwire/source', 'src/server.ts']

/** The server of an example as `npm start` runs it, in the folder of the example. */
export function spawnServer(folder: URL, environment: Readonly<Record<string, string | undefined>>) {
  const env = { ...process.env, ...environment }
  const child = spawn(process.execPath, SCRIPT, { cwd: fileURLToPath(folder), env })
  let output = ''
  let errors = ''
  child.stderr.setEncoding('utf8').on('data', (chunk) => {
    errors += chunk
  })
  const lines = createInterface({ input: child.stdout })
  const exited = once(child, 'close').then(([code]) => code as number | null)
  const opened = new Promise<string>((resolve, reject) => {
    lines.on('line', (line) => {
      output += `${line}\n`
      const [url] = /http:\/\/localhost:\d+/.exec(line) ?? []
      if (url !== undefined) resolve(url)
    })
    exited.then(() => reject(new Error(`The server ended before it was open: ${errors}`)))
  })
  // A test that expects the server to fail never asks for the URL.
  opened.catch(() => {})

  return {
    /** The URL it prints once it is open. */
    opened,
    /** The exit code; null when a signal ended it. */
    exited,
    get output() {
      return output
    },
    get errors() {
      return errors
    },
    stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
      child.kill(signal)
      return exited
    },
  }
}

export type ServerProcess = ReturnType<typeof spawnServer>
