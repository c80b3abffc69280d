import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { answer } from '../answer.ts'

const mostPasses = 20
const restBytes = 64 * 1024

export interface Memory {
  readonly rssBytes: number
  readonly heapBytes: number
}

/** What every measured server can be asked. */
export interface ServerAnswers extends Readonly<Record<string, () => unknown>> {
  /** The port, once it listens. */
  readonly port: () => Promise<number>
  /** CPU microseconds used so far by all threads of this process, in user and kernel mode. */
  readonly cpu: () => number
  /** What is left after garbage collection. */
  readonly memory: () => Promise<Memory>
}

/** Lets the benchmark ask the process of `server`, which is told to listen, for its port, CPU time and memory. */
export function control(server: Server): void {
  const answers: ServerAnswers = {
    port: async () => {
      if (!server.listening) await once(server, 'listening')
      return (server.address() as AddressInfo).port
    },
    cpu: () => {
      const { user, system } = process.cpuUsage()
      return user + system
    },
    memory: async () => {
      await collectGarbage()
      const { rss, heapUsed, external } = process.memoryUsage()
      return { rssBytes: rss, heapBytes: heapUsed + external }
    },
  }
  answer(answers)
}

/** V8 gives pages back from background threads after a collection: collects until that has come to rest. */
async function collectGarbage(): Promise<void> {
  let before = Number.POSITIVE_INFINITY
  for (let pass = 0; pass < mostPasses; pass++) {
    globalThis.gc?.()
    await wait(100)
    const now = process.memoryUsage.rss()
    if (before - now < restBytes) return
    before = now
  }
}
