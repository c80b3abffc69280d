import { feedBytes } from '../feed.ts'
import type { Case } from './case.ts'
import { messages } from './messages.ts'

const subscribers = 200

/** The messages of the feed from one connection to all others, one at a time; the cost is that of one delivery. */
export function fanOut({ compressed }: { compressed: boolean }): Case {
  return messages({
    line: {
      name: `fan-out-${feedBytes}B${compressed ? '-deflate' : ''}`,
      title: `fan-out of ${feedBytes} B${compressed ? ' compressed' : ''} to ${subscribers}`,
      unit: 'µs',
    },
    task: compressed ? 'compressed fan-out' : 'fan-out',
    connections: 1 + subscribers,
    compressed,
    exchange: (load, port, milliseconds) => load.ask('publishFeed', { port, milliseconds }),
  })
}
