import { answer } from '../answer.ts'
import { converse, tryExchange } from './conversation.ts'
import { closeFrame } from './frames.ts'
import { RawClient } from './raw-client.ts'

/** Connections that open at the same time; fewer than any server's listen backlog. */
const openingAtOnce = 64

/** What was done in how many seconds of the wall clock. */
export interface Work {
  readonly count: number
  readonly seconds: number
}

/** What the load generator can be asked. Servers are told apart by their port. */
export type LoadAnswers = typeof answers

const held = new Map<number, RawClient[]>()

const answers = {
  /** Opens connections and keeps them, beside those already held. */
  async hold({ port, connections }: { port: number; connections: number }): Promise<void> {
    const clients = held.get(port) ?? []
    held.set(port, clients)
    let opened = 0
    await atOnce(openingAtOnce, async () => {
      while (opened < connections) {
        opened++
        clients.push(await RawClient.open(port))
      }
    })
  },

  /** Closes what is held. */
  async release({ port }: { port: number }): Promise<void> {
    const clients = held.get(port) ?? []
    held.delete(port)
    for (const client of clients) client.destroy()
    await Promise.all(clients.map((client) => client.closed))
  },

  /** Exchanges messages on all connections held, `inFlight` on each at a time. */
  async echo({ port, bytes, inFlight, milliseconds }: EchoRequest): Promise<Work> {
    const clients = held.get(port) ?? []
    const { message, replyBytes } = await tryExchange(clients[0]!, bytes)
    const burst = Buffer.concat(Array.from({ length: inFlight }, () => message))
    const started = performance.now()
    const conversation = { burst, inFlight, replyBytes, deadline: started + milliseconds }
    const messages = await Promise.all(clients.map((client) => converse(client, conversation)))
    return { count: sum(messages), seconds: secondsSince(started) }
  },

  /** Opens a connection, closes it by the closing handshake, and again, on several lanes side by side. */
  async handshakes({ port, milliseconds }: { port: number; milliseconds: number }): Promise<Work> {
    const started = performance.now()
    const counts = await atOnce(openingAtOnce, async () => {
      let count = 0
      for (; performance.now() < started + milliseconds; count++) await openAndClose(port)
      return count
    })
    return { count: sum(counts), seconds: secondsSince(started) }
  },
}

interface EchoRequest {
  readonly port: number
  readonly bytes: number
  readonly inFlight: number
  readonly milliseconds: number
}

async function openAndClose(port: number): Promise<void> {
  const client = await RawClient.open(port)
  client.onBytes = () => client.end()
  client.send(closeFrame)
  await client.closed
}

function atOnce<T>(lanes: number, run: () => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: lanes }, run))
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}

function secondsSince(started: number): number {
  return (performance.now() - started) / 1000
}

answer(answers)
