import type { ClientOptions } from './client-options.ts'
import type { ReadyState, WebSocket } from './websocket.ts'

/** A client's opening handshake, as its socket sees it: from the constructor to the connection, or to the failure. */
export interface Attempt {
  readonly url: string
  /** OPEN is not among them: by then the connection says so. */
  readonly readyState: Exclude<ReadyState, typeof ReadyState.OPEN>
  start(): void
  /** Gives up, unless it has failed already. */
  abort(): void
  /** User code has failed: gives up, and reports it. */
  userError(error: unknown): void
}

/** Makes the attempt behind `new WebSocket(address, protocols, options)`. Throws for arguments that cannot be used. */
export type Connector = (
  socket: WebSocket,
  address: string | URL,
  protocols: string | readonly string[] | ClientOptions | undefined,
  options: ClientOptions | undefined,
) => Attempt
