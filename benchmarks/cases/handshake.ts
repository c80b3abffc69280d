import { type Case, costOf, type Line } from './case.ts'

/** The whole life of a connection that carries no message. */
export function handshake(): Case {
  const line: Line = { name: 'handshake', title: 'connect, upgrade, close', unit: 'µs' }
  return {
    name: line.name,
    task: 'connect',
    turns: (effort) => effort,
    async open(start, load, { warmUpMilliseconds, milliseconds }) {
      const server = start()
      const port = await server.ask('port')
      const shake = (duration: number) => load.ask('handshakes', { port, milliseconds: duration })

      await shake(warmUpMilliseconds)
      return {
        measure: async () => [await costOf(line, server, () => shake(milliseconds))],
        close: () => server.stop(),
      }
    },
  }
}
