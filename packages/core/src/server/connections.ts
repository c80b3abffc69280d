import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type HandshakeErrorCode, handshakeError } from '../handshake/handshake-error.ts'
import { MemoryBudget } from '../protocol/memory-budget.ts'
import type { Payload } from '../protocol/payload.ts'
import { addressOf, Capacity, type MaxConnections } from '../routing/capacity.ts'
import type { ConnectionRegistry } from '../routing/route.ts'
import { TopicHub } from '../topics/topic-hub.ts'
import { MAX_UNFINISHED_BYTES } from '../websocket/limits.ts'
import type { WebSocket } from '../websocket/websocket.ts'
import { checkShutdownOptions, type ShutdownOptions, shutDown } from './shutdown.ts'

/** What `stats()` tells: how it is now, and totals since the start. */
export interface ConnectionStats {
  /** Connections, closing ones among them. */
  readonly open: number
  /** Opening handshakes that are being decided. */
  readonly pending: number
  /** Handshakes that became connections, in total. */
  readonly accepted: number
  /** Handshakes that did not, in total: refused, failed, or given up by the peer. */
  readonly rejected: number
  /** How many connections have ended, by close code. */
  readonly closed: Readonly<Record<number, number>>
  /** Bytes that wait to be sent, on all connections. */
  readonly bufferedBytes: number
  /** Bytes of messages that have arrived in part, on all connections. */
  readonly unfinishedBytes: number
}

export type ConnectionsState = 'open' | 'closing' | 'closed'

/** What one router or one plugin instance holds: sockets, topics, a memory budget, counts, and whether there may be more. */
export class Connections implements ConnectionRegistry {
  readonly topics = new TopicHub()
  readonly budget = new MemoryBudget(MAX_UNFINISHED_BYTES)
  readonly #clients = new Set<WebSocket>()
  /** Streams that are not connections yet. */
  readonly #pending = new Set<Duplex>()
  readonly #capacity: Capacity | undefined
  /** One listener for all streams, told by its `this` which one has closed. */
  readonly #onGivenUp: (this: Duplex) => void
  readonly #closed = new Map<number, number>()
  #accepted = 0
  #rejected = 0
  #state: ConnectionsState = 'open'
  #shutdown: Promise<void> | undefined
  #announceOver = (): void => {}

  constructor(maxConnections?: number | MaxConnections) {
    if (maxConnections !== undefined) this.#capacity = new Capacity(maxConnections)
    const connections = this
    this.#onGivenUp = function () {
      connections.#giveUp(this)
    }
  }

  get clients(): ReadonlySet<WebSocket> {
    return this.#clients
  }

  get state(): ConnectionsState {
    return this.#state
  }

  admit(request: IncomingMessage, stream: Duplex): HandshakeErrorCode | undefined {
    if (this.#pending.has(stream)) return undefined
    const refused = this.#refusal(request, stream)
    if (refused || stream.closed) this.#rejected++
    else this.#await(stream)
    return refused
  }

  enter<Data>(socket: WebSocket<Data>, stream: Duplex): void {
    if (this.#state !== 'open') throw handshakeError('UPWIRE_SHUTTING_DOWN')
    if (this.#pending.delete(stream)) stream.off('close', this.#onGivenUp)
    this.#clients.add(socket)
    this.#accepted++
  }

  readonly leave = <Data>(socket: WebSocket<Data>, code: number): void => {
    this.#clients.delete(socket)
    this.#closed.set(code, (this.#closed.get(code) ?? 0) + 1)
    this.#checkOver()
  }

  /** Sends to every subscriber of the topic: text for a string, binary for bytes. Returns how many they were. */
  publish(topic: string, data: Payload): number {
    return this.topics.publish(topic, data)
  }

  stats(): ConnectionStats {
    let bufferedBytes = 0
    for (const socket of this.#clients) bufferedBytes += socket.bufferedAmount
    return {
      open: this.#clients.size,
      pending: this.#pending.size,
      accepted: this.#accepted,
      rejected: this.#rejected,
      closed: Object.fromEntries(this.#closed),
      bufferedBytes,
      unfinishedBytes: this.budget.usedBytes,
    }
  }

  /**
   * Refuses new handshakes with 503, sends every peer a Close frame, cuts off what is left at the deadline, and resolves
   * when all have ended. Called again it gives the same promise. Throws a TypeError for a code that cannot be sent.
   */
  close(options?: ShutdownOptions): Promise<void> {
    checkShutdownOptions(options)
    this.#shutdown ??= this.#shutDown(options)
    return this.#shutdown
  }

  async #shutDown(options: ShutdownOptions | undefined): Promise<void> {
    this.#state = 'closing'
    const over = new Promise<void>((resolve) => {
      this.#announceOver = resolve
    })
    this.#checkOver()
    await shutDown({ clients: this.#clients, pending: this.#pending, over }, options)
    this.#state = 'closed'
  }

  #refusal(request: IncomingMessage, stream: Duplex): HandshakeErrorCode | undefined {
    if (this.#state !== 'open') return 'UPWIRE_SHUTTING_DOWN'
    return this.#capacity?.take(stream, addressOf(request))
  }

  #await(stream: Duplex): void {
    this.#pending.add(stream)
    stream.on('close', this.#onGivenUp)
  }

  #giveUp(stream: Duplex): void {
    this.#pending.delete(stream)
    this.#rejected++
    this.#checkOver()
  }

  #checkOver(): void {
    if (this.#clients.size + this.#pending.size === 0) this.#announceOver()
  }
}
