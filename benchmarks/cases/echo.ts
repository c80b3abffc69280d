import { type Case, costOf, type Line } from './case.ts'

const connections = 64

export interface EchoShape {
  /** A message's payload. */
  readonly bytes: number
  /** Messages under way on each connection at a time. */
  readonly inFlight: number
}

/** Binary messages, sent back by the server, on many connections at once. */
export function echo({ bytes, inFlight }: EchoShape): Case {
  const size = bytes < 1024 ? `${bytes} B` : `${bytes / 1024} KiB`
  const line: Line = {
    name: `echo-${size.replace(' ', '')}-${inFlight}`,
    title: `echo of ${size}, ${inFlight} in flight`,
    unit: 'µs',
  }
  return {
    name: line.name,
    turns: (effort) => effort,
    async open(start, load, { warmUpMilliseconds, milliseconds }) {
      const server = start()
      const port = await server.ask('port')
      const exchange = (duration: number) =>
        load.ask('echo', { port, bytes, inFlight, milliseconds: duration })

      await load.ask('hold', { port, connections })
      await exchange(warmUpMilliseconds)
      return {
        measure: async () => [await costOf(line, server, () => exchange(milliseconds))],
        close: async () => {
          await load.ask('release', { port })
          await server.stop()
        },
      }
    },
  }
}
