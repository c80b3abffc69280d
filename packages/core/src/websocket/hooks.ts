import type { StreamedMessage } from './streamed-message.ts'
import type { WebSocket } from './websocket.ts'

/** A message as hooks and iterators get it: text as a string, binary as a Buffer. */
export type Message = string | Buffer

/**
 * What may be called for one connection after its 101. A hook may be async: the next message waits for it, and what it
 * throws goes to `error`, or to the application's error path where there is none, and closes with 1011.
 */
export interface ConnectionHooks<Data = unknown> {
  /** Runs once, before any message. Messages wait for it. */
  open?(socket: WebSocket<Data>): unknown
  /** Runs for each message, in order, never two at a time. Text is a string, binary a Buffer: `isBinary` says which. */
  message?(socket: WebSocket<Data>, data: Message, isBinary: boolean): unknown
  /**
   * Runs for each message when it begins, in order, instead of `message`: it is read while it arrives. What the hook has not
   * begun to read when it is done is discarded. The next one waits until the hook is done and the message is over.
   */
  stream?(socket: WebSocket<Data>, message: StreamedMessage): unknown
  /** What `send()` said was too much has been sent. */
  drain?(socket: WebSocket<Data>): unknown
  /** Runs once, last, after every message. `code` is 1005 for a Close frame without one, 1006 for none at all. */
  close?(socket: WebSocket<Data>, code: number, reason: string): unknown
  /** What the peer did against the protocol, or what a hook threw. The connection is closing already. */
  error?(socket: WebSocket<Data>, error: Error): unknown
}
