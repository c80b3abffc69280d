import type { Effort, Turns } from '../effort.ts'
import type { LoadAnswers, Work } from '../load/load.ts'
import type { Program } from '../program.ts'
import type { ServerAnswers } from '../servers/control.ts'
import type { Task } from '../servers.ts'

/** A line of the table, for every server. */
export interface Line {
  readonly name: string
  readonly title: string
  readonly unit: 'µs' | 'KiB'
}

export interface Reading {
  readonly line: Line
  /** CPU time or memory of the server for one message, handshake or connection, in the line's unit. */
  readonly cost: number
  /** Messages or handshakes in a second of the wall clock. */
  readonly perSecond?: number
}

export type ServerProgram = Program<ServerAnswers>
export type LoadProgram = Program<LoadAnswers>

/** Starts a new process of the server, with Node flags that the case asks for. */
export type StartServer = (flags?: readonly string[]) => ServerProgram

/** One process of a server in one case, warm. */
export interface Trial {
  measure(): Promise<readonly Reading[]>
  close(): Promise<void>
}

export interface Case {
  readonly name: string
  /** What the programs it measures do. */
  readonly task: Task
  turns(effort: Effort): Turns
  open(start: StartServer, load: LoadProgram, effort: Effort): Promise<Trial>
}

/** What one piece of `work` cost `server` in CPU time. */
export async function costOf(line: Line, server: ServerProgram, work: () => Promise<Work>): Promise<Reading> {
  const before = await server.ask('cpu')
  const { count, seconds } = await work()
  const after = await server.ask('cpu')
  return { line, cost: (after - before) / count, perSecond: count / seconds }
}
