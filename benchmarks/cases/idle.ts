import type { Memory } from '../servers/control.ts'
import type { Case, Line, LoadProgram, Reading, ServerProgram } from './case.ts'

const connections = 5_000
/** Open before the others: they bring the code, caches and pools that belong to the program, not to a connection. */
const connectionsBefore = 1_000
/**
 * The young generation grows with the garbage of the handshakes, by up to 32 MiB, and stays so: twice what the
 * connections themselves take. Held at its least, it does not blur them.
 */
const flags = ['--max-semi-space-size=1']

const title = `${connections.toLocaleString('en')} idle connections`
const rss: Line = { name: 'idle-rss', title: `${title}, RSS`, unit: 'KiB' }
const heap: Line = { name: 'idle-heap', title: `${title}, heap`, unit: 'KiB' }

/** Memory of open connections. */
export function idle(): Case {
  return {
    name: 'idle',
    turns: ({ idleProcesses }) => ({ processes: idleProcesses, rounds: 1 }),
    async open(start, load) {
      const server = start(flags)
      const port = await server.ask('port')
      return {
        measure: () => measure(server, load, port),
        close: () => server.stop(),
      }
    },
  }
}

async function measure(server: ServerProgram, load: LoadProgram, port: number): Promise<Reading[]> {
  await load.ask('hold', { port, connections: connectionsBefore })
  const before = await server.ask('memory')
  await load.ask('hold', { port, connections })
  const after = await server.ask('memory')
  await load.ask('release', { port })

  const grownBy = (part: keyof Memory) => (after[part] - before[part]) / 1024 / connections
  return [
    { line: rss, cost: grownBy('rssBytes') },
    { line: heap, cost: grownBy('heapBytes') },
  ]
}
