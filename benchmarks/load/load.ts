import { answer } from '../answer.ts'
import { event } from '../event.ts'
import { converse, ofLength, tryExchange } from './conversation.ts'
import { FeedClient } from './feed-client.ts'
import { binary, closeFrame, text } from './frames.ts'
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

const held = new Map<number, FeedClient[]>()

const answers = {
  /** Opens connections and keeps them, beside those already held. */
  async hold({ port, connections, compressed = false }: HoldRequest): Promise<void> {
    const clients = heldOn(port)
    held.set(port, clients)
    let opened = 0
    await atOnce(openingAtOnce, async () => {
      while (opened < connections) {
        opened++
        clients.push(await FeedClient.open(port, compressed))
      }
    })
  },

  /** Closes what is held. */
  async release({ port }: { port: number }): Promise<void> {
    const connections = heldOn(port).map(({ connection }) => connection)
    held.delete(port)
    for (const connection of connections) connection.destroy()
    await Promise.all(connections.map(({ closed }) => closed))
  },

  /** Exchanges binary messages of `bytes` bytes on all connections held, `inFlight` on each at a time. */
  echo({ bytes, ...request }: EchoRequest & { readonly bytes: number }): Promise<Work> {
    const payload = Buffer.from(Array.from({ length: bytes }, (_, index) => index * 7))
    return echoSame(request, binary, payload)
  },

  /** The same with the event. */
  echoEvent(request: EchoRequest): Promise<Work> {
    return echoSame(request, text, Buffer.from(event))
  },

  /** The same with the messages of the feed, `inFlight` at least on each connection. */
  echoFeed({ port, inFlight, milliseconds }: EchoRequest): Promise<Work> {
    return exchanged(milliseconds, (deadline) =>
      heldOn(port).map((client) => client.converse(inFlight, deadline)),
    )
  },

  /** Sends the feed on the first connection held until it has arrived on all others; counts what arrives. */
  publishFeed({ port, milliseconds }: { port: number; milliseconds: number }): Promise<Work> {
    const [publisher, ...subscribers] = heldOn(port)
    return exchanged(milliseconds, (deadline) => [publisher!.publish(subscribers, deadline)])
  },

  /** Opens a connection, closes it by the closing handshake, and again, on several lanes side by side. */
  async handshakes({ port, milliseconds, atLeast = 0 }: HandshakesRequest): Promise<Work> {
    const started = performance.now()
    let count = 0
    await atOnce(openingAtOnce, async () => {
      while (count < atLeast || performance.now() < started + milliseconds) {
        await openAndClose(port)
        count++
      }
    })
    return { count, seconds: secondsSince(started) }
  },
}

interface HoldRequest {
  readonly port: number
  readonly connections: number
  /** Whether compression is to be agreed on. */
  readonly compressed?: boolean
}

interface EchoRequest {
  readonly port: number
  readonly inFlight: number
  readonly milliseconds: number
}

interface HandshakesRequest {
  readonly port: number
  readonly milliseconds: number
  /** So many, however long they take. */
  readonly atLeast?: number
}

function heldOn(port: number): FeedClient[] {
  return held.get(port) ?? []
}

/** The same message again and again. */
async function echoSame(
  { port, inFlight, milliseconds }: EchoRequest,
  opcode: number,
  payload: Buffer,
): Promise<Work> {
  const connections = heldOn(port).map(({ connection }) => connection)
  const { message, replyBytes } = await tryExchange(connections[0]!, opcode, payload)
  const burst = Buffer.concat(Array.from({ length: inFlight }, () => message))
  return exchanged(milliseconds, (deadline) =>
    connections.map((connection) =>
      converse(connection, {
        nextBurst: () => burst,
        inFlight,
        countReplies: ofLength(replyBytes),
        deadline,
      }),
    ),
  )
}

/** What conversations come to that go on until their deadline is over. */
async function exchanged(
  milliseconds: number,
  start: (deadline: number) => Promise<number>[],
): Promise<Work> {
  const started = performance.now()
  const messages = await Promise.all(start(started + milliseconds))
  return { count: sum(messages), seconds: secondsSince(started) }
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
