import type { Memory } from '../servers/control.ts'
import type { Task } from '../servers.ts'
import type { Case, Line, LoadProgram, Reading, ServerProgram } from './case.ts'

/**
 * The young generation grows with the garbage of the handshakes, by up to 32 MiB, and stays so: twice what the
 * connections themselves take. Held at its least, it does not blur them.
 */
const flags = ['--max-semi-space-size=1']

interface IdleShape {
  readonly name: string
  readonly title: string
  readonly task: Task
  readonly connections: number
  /** Open before the others: they bring the code, caches and pools that belong to the program, not to a connection. */
  readonly connectionsBefore: number
  readonly open: (load: LoadProgram, port: number, connections: number) => Promise<void>
}

/** Memory of open connections. */
export function idle(): Case {
  return idleCase({
    name: 'idle',
    title: 'idle connections',
    task: 'connect',
    connections: 5_000,
    connectionsBefore: 1_000,
    open: (load, port, connections) => load.ask('hold', { port, connections }),
  })
}

/** Memory of open connections that have agreed on compression, and have exchanged so many messages each. */
export function compressedIdle({ messages }: { messages: number }): Case {
  return idleCase({
    name: messages > 0 ? 'idle-deflate-used' : 'idle-deflate',
    title: `idle compressed connections after ${messages} messages`,
    task: 'compressed echo',
    connections: 1_000,
    connectionsBefore: 200,
    async open(load, port, connections) {
      await load.ask('hold', { port, connections, compressed: true })
      if (messages > 0) await load.ask('echoFeed', { port, inFlight: messages, milliseconds: 0 })
    },
  })
}

function idleCase(shape: IdleShape): Case {
  return {
    name: shape.name,
    task: shape.task,
    turns: ({ idleProcesses }) => ({ processes: idleProcesses, rounds: 1 }),
    async open(start, load) {
      const server = start(flags)
      const port = await server.ask('port')
      return {
        measure: () => measure(shape, server, load, port),
        close: () => server.stop(),
      }
    },
  }
}

async function measure(
  { name, title, connections, connectionsBefore, open }: IdleShape,
  server: ServerProgram,
  load: LoadProgram,
  port: number,
): Promise<Reading[]> {
  await open(load, port, connectionsBefore)
  const before = await server.ask('memory')
  await open(load, port, connections)
  const after = await server.ask('memory')
  await load.ask('release', { port })

  const reading = (part: keyof Memory, label: string): Reading => {
    const line: Line = {
      name: `${name}-${label.toLowerCase()}`,
      title: `${connections.toLocaleString('en')} ${title}, ${label}`,
      unit: 'KiB',
    }
    return { line, cost: (after[part] - before[part]) / 1024 / connections }
  }
  return [reading('rssBytes', 'RSS'), reading('heapBytes', 'heap')]
}
