import { EventEmitter } from 'node:events'
import type { Payload, UpgradeRequest, WebSocket } from '@upwire/core'
import type { Connections } from '@upwire/core/internal'
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
}

/** What `@WebSocketServer()` gives: the connections of one path. `Data` is what `socket.data` holds. */
export class GatewayServer<Data = unknown> extends EventEmitter<ServerEvents<Data>> {
  /** As in the request, with its parameters' names; undefined on a port of its own that takes every path. */
  readonly path: string | undefined
  /** The open connections of this path. */
  readonly clients: ReadonlySet<WebSocket<Data>>
  readonly #connections: Pick<Connections, 'publish'>
  readonly #codec: Codec

  constructor({ path, clients, connections, codec }: GatewayServerParts<Data>) {
    super()
    this.path = path
    this.clients = clients
    this.#connections = connections
    this.#codec = codec
  }

  /**
   * Sends to every socket that has called `subscribe(topic)`, whatever its gateway. A string or bytes are sent as they
   * are; anything else, such as `{ event, data }`, is written by this gateway's codec. Returns how many they were.
   */
  publish(topic: string, message: unknown): number {
    return this.#connections.publish(topic, isPayload(message) ? message : this.#codec.encode(message))
  }
}

function isPayload(message: unknown): message is Payload {
  return typeof message === 'string' || ArrayBuffer.isView(message) || message instanceof ArrayBuffer
}
