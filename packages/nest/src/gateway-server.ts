import { EventEmitter } from 'node:events'
import type { ConnectionStats, Payload, ShutdownOptions, UpgradeRequest, WebSocket } from '@upwire/core'
import type { Connections } from '@upwire/core/internal'
import type { Codec } from './codec.ts'

interface ServerEvents<Data> {
  /** A connection is open; its gateways have begun with it. */
  connection: [socket: WebSocket<Data>, request: UpgradeRequest]
}

/** What `@WebSocketServer()` gives: the connections of one path. `Data` is what `socket.data` holds. */
export class GatewayServer<Data = unknown> extends EventEmitter<ServerEvents<Data>> {
  /** As in the request, with its parameters' names; undefined on a port of its own that takes every path. */
  readonly path: string | undefined
  readonly #connections: Connections
  readonly #codec: Codec

  constructor(path: string | undefined, connections: Connections, codec: Codec) {
    super()
    this.path = path
    this.#connections = connections
    this.#codec = codec
  }

  /** The open connections. */
  get clients(): ReadonlySet<WebSocket<Data>> {
    return this.#connections.clients as ReadonlySet<WebSocket<Data>>
  }

  /**
   * Sends to every socket that has called `subscribe(topic)`. A string or bytes are sent as they are; anything else,
   * such as `{ event, data }`, is written by the gateway's codec. Returns how many they were.
   */
  publish(topic: string, message: unknown): number {
    const isPayload =
      typeof message === 'string' || ArrayBuffer.isView(message) || message instanceof ArrayBuffer
    return this.#connections.publish(topic, isPayload ? (message as Payload) : this.#codec.encode(message))
  }

  /** How it is now, and totals since the start. */
  stats(): ConnectionStats {
    return this.#connections.stats()
  }

  /**
   * Refuses new connections with 503, closes those there are, with 1001, and resolves when all have ended. The
   * application does that when it closes.
   */
  close(options?: ShutdownOptions): Promise<void> {
    return this.#connections.close(options)
  }
}
