import type { Work } from '../load/load.ts'
import type { Task } from '../servers.ts'
import { type Case, costOf, type Line, type LoadProgram } from './case.ts'

export interface MessagesShape {
  readonly line: Line
  readonly task: Task
  readonly connections: number
  /** Whether they agree on compression. */
  readonly compressed: boolean
  /** Keeps the connections at `port` busy. */
  readonly exchange: (load: LoadProgram, port: number, milliseconds: number) => Promise<Work>
}

/** Messages on connections that stay open from the first to the last measurement. */
export function messages({ line, task, connections, compressed, exchange }: MessagesShape): Case {
  return {
    name: line.name,
    task,
    turns: (effort) => effort,
    async open(start, load, { warmUpMilliseconds, milliseconds }) {
      const server = start()
      const port = await server.ask('port')
      await load.ask('hold', { port, connections, compressed })
      await exchange(load, port, warmUpMilliseconds)
      return {
        measure: async () => [await costOf(line, server, () => exchange(load, port, milliseconds))],
        close: async () => {
          await load.ask('release', { port })
          await server.stop()
        },
      }
    },
  }
}
