import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Connect, Ready } from '../targets/driver.ts'

const folder = fileURLToPath(new URL('..', import.meta.url))
const START_WITHIN_MS = 30_000
const END_WITHIN_MS = 2_000

/** A program under `targets/`, in a process of its own that ends with the driver's. */
export class Program {
  readonly #name: string
  readonly #child: ChildProcess
  readonly #exited: Promise<unknown>

  private constructor(name: string, child: ChildProcess) {
    this.#name = name
    this.#child = child
    this.#exited = once(child, 'exit')
  }

  /** Resolves when it is ready: `port` is where a server listens. */
  static async start(name: string): Promise<{ program: Program; ready: Ready }> {
    const child = fork(`targets/${name}.ts`, {
      cwd: folder,
      execArgv: ['--conditions=@upwire/source', '--import=tsx'],
    })
    const program = new Program(name, child)
    const gone = program.#exited.then(() => {
      throw new Error(`targets/${name}.ts ended before it was ready`)
    })
    try {
      const [ready] = await Promise.race([
        once(child, 'message', { signal: AbortSignal.timeout(START_WITHIN_MS) }),
        gone,
      ])
      return { program, ready }
    } catch (error) {
      await program.stop()
      throw error
    }
  }

  /** Throws where it has ended by itself. */
  checkAlive(): void {
    if (this.#hasEnded) throw new Error(`targets/${this.#name}.ts ended by itself; its last words are above`)
  }

  /** Throws where it has ended by itself. */
  tell(message: Connect): void {
    this.checkAlive()
    this.#child.send(message)
  }

  /** Resolves when the process is gone. */
  async stop(): Promise<void> {
    if (this.#child.connected) this.#child.disconnect()
    const impatience = setTimeout(() => this.#child.kill('SIGKILL'), END_WITHIN_MS)
    if (!this.#hasEnded) await this.#exited
    clearTimeout(impatience)
  }

  get #hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null
  }
}
