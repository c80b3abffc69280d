import { feedBytes } from '../feed.ts'
import type { Case } from './case.ts'
import { messages } from './messages.ts'

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
  return messages({
    line: {
      name: `echo-${size.replace(' ', '')}-${inFlight}`,
      title: `echo of ${size}, ${inFlight} in flight`,
      unit: 'µs',
    },
    task: 'echo',
    connections,
    compressed: false,
    exchange: (load, port, milliseconds) => load.ask('echo', { port, bytes, inFlight, milliseconds }),
  })
}

/** The messages of the feed, compressed both ways. */
export function compressedEcho({ inFlight }: Pick<EchoShape, 'inFlight'>): Case {
  return messages({
    line: {
      name: `echo-${feedBytes}B-deflate-${inFlight}`,
      title: `echo of ${feedBytes} B compressed, ${inFlight} in flight`,
      unit: 'µs',
    },
    task: 'compressed echo',
    connections,
    compressed: true,
    exchange: (load, port, milliseconds) => load.ask('echoFeed', { port, inFlight, milliseconds }),
  })
}

/** A text that names an event, as the gateways of Nest take it, answered with the same event. */
export function eventEcho({ inFlight }: Pick<EchoShape, 'inFlight'>): Case {
  return messages({
    line: { name: `echo-event-${inFlight}`, title: `echo of an event, ${inFlight} in flight`, unit: 'µs' },
    task: 'events',
    connections,
    compressed: false,
    exchange: (load, port, milliseconds) => load.ask('echoEvent', { port, inFlight, milliseconds }),
  })
}
