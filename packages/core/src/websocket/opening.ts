import type { Duplex } from 'node:stream'
import type { Codec } from '../permessage-deflate/codec.ts'
import type { MemoryBudget } from '../protocol/memory-budget.ts'
import type { Role } from '../protocol/role.ts'
import type { TopicHub } from '../topics/topic-hub.ts'
import type { ConnectionHooks } from './hooks.ts'
import type { Limits } from './limits.ts'
import type { MessageMode } from './message-mode.ts'
import type { Reception } from './reception.ts'
import type { WebSocket } from './websocket.ts'

/** How a route serves its connections, resolved once at registration. */
export interface Handling<Data = unknown> {
  /** Called per connection; empty where the handler is a function. */
  readonly hooks: ConnectionHooks<Data>
  /**
   * `hooks`: messages wait for the `open` hook and go to the `message` hook; without one they are dropped, until somebody listens.
   * `listeners`: messages are held while there is no 'message' listener and no iterator that asks.
   */
  readonly delivery: 'hooks' | 'listeners'
  /** Default `whole`. */
  readonly messages?: MessageMode | undefined
}

/** What all connections of a route share. */
export interface ConnectionSettings<Data = unknown> {
  readonly role: Role
  /** Gives each frame that a client sends its masking key, as a little-endian integer that nobody can foretell. */
  readonly nextMaskingKey?: () => number
  readonly limits: Limits
  /** Default: `DEFAULT_RECEPTION`. */
  readonly reception?: Reception
  readonly budget: MemoryBudget
  readonly handling: Handling<Data>
  readonly topics: TopicHub
}

/** One connection at the moment its opening handshake is done. */
export interface Opening<Data = unknown> {
  /** Any duplex stream that has upgraded: the 101 is written, or was read. */
  readonly stream: Duplex
  /** What arrived behind the handshake. */
  readonly head: Buffer
  readonly settings: ConnectionSettings<Data>
  readonly protocol: string
  readonly extensions: string
  /** What permessage-deflate was negotiated to (RFC 7692), if it was. */
  readonly compression?: Codec | undefined
  /** Of a client. */
  readonly url?: string
  /** How many a client followed to get there. Default 0. */
  readonly redirects?: number
  readonly params: Readonly<Record<string, string>>
  readonly data: Data
  /** The function handler or the `open` hook with its request bound. Runs once, before anything is read. */
  readonly start: ((socket: WebSocket<Data>) => unknown) | undefined
  /** The application's error path: each error of user code once, where no `error` hook takes it. */
  onUserError(error: unknown, socket: WebSocket<Data>): void
  /** Called once when the stream has ended, with the close code, whatever the user's code still does. */
  onEnd(socket: WebSocket<Data>, code: number, messagesReceived: number): void
}
