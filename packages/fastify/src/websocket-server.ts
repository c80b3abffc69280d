import { EventEmitter } from 'node:events'
import type { IncomingMessage } from 'node:http'
import type { ConnectionStats, Payload, ShutdownOptions } from '@upwire/core'
import type { Connections } from '@upwire/core/internal'
import type { WebSocket } from './socket.ts'

interface ServerEvents {
  /** A connection has opened; its handler runs next. */
  connection: [socket: WebSocket, request: IncomingMessage]
  /** All connections have ended, and there will be no more. */
  close: []
}

/** `app.websocketServer`: the connections of a context, with the face that the server of the package `ws` has there. */
export class WebSocketServer extends EventEmitter<ServerEvents> {
  readonly #connections: Connections
  readonly #clientTracking: boolean
  readonly #detach: () => void

  constructor(connections: Connections, clientTracking: boolean, detach: () => void) {
    super()
    this.#detach = detach
    this.#connections = connections
    this.#clientTracking = clientTracking
  }

  /** The open connections; undefined with `options: { clientTracking: false }`, as in `ws`. */
  get clients(): Set<WebSocket> {
    return (this.#clientTracking ? this.#connections.clients : undefined) as Set<WebSocket>
  }

  /** Sends to every subscriber of the topic: text for a string, binary for bytes. Returns how many they were. */
  publish(topic: string, data: Payload): number {
    return this.#connections.publish(topic, data)
  }

  stats(): ConnectionStats {
    return this.#connections.stats()
  }

  /** Takes no more upgrades from the server, and leaves no listener there; connections stay open. */
  detach(): void {
    this.#detach()
  }

  /**
   * Takes no more connections, ends those there are, and resolves when all have ended, at most after the deadline;
   * then `callback` is called. Throws a TypeError for a code that cannot be sent.
   */
  close(
    options?: ShutdownOptions | ((error?: Error) => void),
    callback?: (error?: Error) => void,
  ): Promise<void> {
    if (typeof options === 'function') return this.close(undefined, options)
    const isFirst = this.#connections.state === 'open'
    const closed = this.#connections.close(options)
    void closed.then(() => {
      if (isFirst) this.emit('close')
      callback?.()
    })
    return closed
  }
}
