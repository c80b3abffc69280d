import { EventEmitter } from 'node:events'
import { CloseCode, type UpgradeRequest, type WebSocket } from '@upwire/core'
import { type Connections, isPayload } from '@upwire/core/internal'
import type { Codec } from './codec.ts'

interface ServerEvents<Data> {
  /** A connection is open; its gateways have not begun with it. */
  connection: [socket: WebSocket<Data>, request: UpgradeRequest]
}

interface GatewayServerParts<Data> {
  readonly path: string | undefined
  readonly clients: ReadonlySet<WebSocket<Data>>
  readonly connections: Pick<Connections, 'publish'>
  readonly codec: Codec
  /** Told what an async listener rejects with. */
  readonly onUserError: (error: unknown, socket?: WebSocket) => void
}

/** What `@WebSocketServer()` gives: the connections of one path. `Data` is what `socket.data` holds. */
export class GatewayServer<Data = unknown> extends EventEmitter<ServerEvents<Data>> {
  /** As in the request, with its parameters' names; undefined on a port of its own that takes every path. */
  readonly path: string | undefined
  /** The open connections of this path. */
  readonly clients: ReadonlySet<WebSocket<Data>>
  readonly #connections: Pick<Connections, 'publish'>
  readonly #codec: Codec
  readonly #onUserError: GatewayServerParts<Data>['onUserError']

  constructor({ path, clients, connections, codec, onUserError }: GatewayServerParts<Data>) {
    super({ captureRejections: true })
    this.path = path
    this.clients = clients
    this.#connections = connections
    this.#codec = codec
    this.#onUserError = onUserError
  }

  /**
   * Sends to every socket that has called `subscribe(topic)`, whatever its gateway. A string or bytes are sent as they
   * are; anything else, such as `{ event, data }`, is written by this gateway's codec. Returns how many they were. Throws
   * what the codec throws.
   */
  publish(topic: string, message: unknown): number {
    return this.#connections.publish(topic, isPayload(message) ? message : this.#codec.encode(message))
  }

  /** A 'connection' listener that rejects ends its connection, as one that throws does. */
  override [EventEmitter.captureRejectionSymbol](error: Error, event: unknown, ...args: unknown[]): void {
    if (event !== 'connection') return this.#onUserError(error)
    const socket = args[0] as WebSocket
    this.#onUserError(error, socket)
    socket.close(CloseCode.InternalError)
  }
}
