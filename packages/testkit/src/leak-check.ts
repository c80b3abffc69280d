import { AssertionError } from 'node:assert'
import type { EventEmitter } from 'node:events'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { inspect } from 'node:util'

/** How long what was closed may take to go, in milliseconds. */
const DEADLINE = 5000
/** Turns of the event loop after which a rejection counts as unhandled and a warning has been emitted. */
const SETTLING_TURNS = 3
/** What an application opens. The rest (pipes, message ports, file requests) belongs to whatever runs the test. */
const COUNTED = new Set([
  'TCPServerWrap',
  'TCPSocketWrap',
  'TLSWrap',
  'TCPConnectWrap',
  'PipeServerWrap',
  'Timeout',
])

export interface Incident {
  readonly kind: 'uncaughtException' | 'unhandledRejection' | 'warning'
  readonly reason: unknown
}

export interface ProcessWatch {
  /** What has happened so far. */
  readonly incidents: readonly Incident[]
  /** What has happened so far, which does not count any more. */
  take(): Incident[]
  /** Gives late ones the time to show up, then throws an AssertionError that lists them all. */
  expectNone(): Promise<void>
  stop(): void
}

/** Collects what would end or trouble the process: uncaught errors, unhandled rejections, too many listeners. */
export function watchProcess(): ProcessWatch {
  const incidents: Incident[] = []
  const onException = (reason: unknown) => incidents.push({ kind: 'uncaughtException', reason })
  const onRejection = (reason: unknown) => incidents.push({ kind: 'unhandledRejection', reason })
  const onWarning = (reason: Error) => {
    if (reason.name === 'MaxListenersExceededWarning') incidents.push({ kind: 'warning', reason })
  }
  process.on('uncaughtException', onException)
  process.on('unhandledRejection', onRejection)
  process.on('warning', onWarning)
  return {
    incidents,
    take: () => incidents.splice(0),
    async expectNone() {
      for (let turn = 0; turn < SETTLING_TURNS; turn++) await nextTurn()
      if (incidents.length === 0) return
      const list = incidents.map(({ kind, reason }) => `${kind}: ${inspect(reason)}`)
      throw new AssertionError({ message: `The process was troubled:\n${list.join('\n')}` })
    },
    stop() {
      process.off('uncaughtException', onException)
      process.off('unhandledRejection', onRejection)
      process.off('warning', onWarning)
    },
  }
}

export type Counts = Readonly<Record<string, number>>

/** Servers, sockets and timers that keep the process alive, counted by kind. */
export function openHandles(): Counts {
  return count(process.getActiveResourcesInfo().filter((kind) => COUNTED.has(kind)))
}

/** Waits until no more is open than `before`; throws an AssertionError that names what stayed. */
export async function expectNoHandles(before: Counts, deadline = DEADLINE): Promise<void> {
  const start = performance.now()
  for (let left = leftOver(before); left.length > 0; left = leftOver(before)) {
    if (performance.now() - start > deadline) {
      throw new AssertionError({ message: `Still open after ${deadline} ms: ${left.join(', ')}` })
    }
    await nextTurn()
  }
}

/** How many listeners each event has: the same before attaching and after detaching. */
export function listenerCounts(emitter: EventEmitter): Counts {
  const counts = emitter.eventNames().map((name) => [String(name), emitter.listenerCount(name)])
  return Object.fromEntries(counts)
}

function leftOver(before: Counts): string[] {
  const now = Object.entries(openHandles())
  return now.filter(([kind, open]) => open > (before[kind] ?? 0)).map(([kind, open]) => `${open} ${kind}`)
}

function count(kinds: string[]): Counts {
  const counts: Record<string, number> = {}
  for (const kind of kinds) counts[kind] = (counts[kind] ?? 0) + 1
  return counts
}
