import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import type { Answers, Question, Reply } from './answer.ts'

/** Every program has them, so that none runs under other conditions than its neighbour. */
export const nodeFlags: readonly string[] = ['--expose-gc']

const answerWithinMs = 60_000
const exitWithinMs = 2_000

export interface ProgramOptions {
  /** What error messages call it. */
  readonly name: string
  /** The JavaScript file to run. */
  readonly file: string
  readonly env?: NodeJS.ProcessEnv
  /** Node flags beside those that every program has. */
  readonly flags?: readonly string[]
}

/** A program in a process of its own, asked one question at a time. */
export class Program<A extends Answers> {
  readonly #name: string
  readonly #child: ChildProcess
  readonly #exited: Promise<unknown[]>

  constructor({ name, file, env, flags = [] }: ProgramOptions) {
    this.#name = name
    this.#child = fork(file, { execArgv: [...nodeFlags, ...flags], env: { ...process.env, ...env } })
    this.#exited = once(this.#child, 'exit')
  }

  /** Rejects when the program fails to answer, ends, or takes longer than a minute. */
  async ask<Q extends keyof A & string>(
    question: Q,
    ...[argument]: Parameters<A[Q]>
  ): Promise<Awaited<ReturnType<A[Q]>>> {
    const asked: Question = { question, argument }
    this.#child.send(asked)
    const reply = await this.#reply(question)
    if ('failure' in reply) throw new Error(`${this.#name} could not answer '${question}': ${reply.failure}`)
    return reply.value as Awaited<ReturnType<A[Q]>>
  }

  /** Resolves when the process is gone. */
  async stop(): Promise<void> {
    if (this.#child.connected) this.#child.disconnect()
    const impatience = setTimeout(() => this.#child.kill('SIGKILL'), exitWithinMs)
    await this.#exited
    clearTimeout(impatience)
  }

  async #reply(question: string): Promise<Reply> {
    const late = AbortSignal.timeout(answerWithinMs)
    const answered = once(this.#child, 'message', { signal: late }).catch(() => {
      throw new Error(`${this.#name} did not answer '${question}' within ${answerWithinMs / 1000} s`)
    })
    const ended = this.#exited.then(([code, signal]) => {
      throw new Error(`${this.#name} ended (${signal ?? code}) while asked '${question}'`)
    })
    const [reply] = await Promise.race([answered, ended])
    return reply
  }
}
