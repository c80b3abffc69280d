import { type Case, costOf, type Line } from './case.ts'

/** The whole life of a connection that carries no message. */
export function handshake(): Case {
  const line: Line = { name: 'handshake', title: 'connect, upgrade, close', unit: 'µs' }
  return {
    name: line.name,
    task: 'connect',
    turns: (effort) => effort,
    async open(start, load, { warmUpHandshakes, milliseconds }) {
      const server = start()
      const port = await server.ask('port')
      await load.ask('handshakes', { port, milliseconds: 0, atLeast: warmUpHandshakes })
      return {
        measure: async () => [
          await costOf(line, server, () => load.ask('handshakes', { port, milliseconds })),
        ],
        close: () => server.stop(),
      }
    },
  }
}
