import type { Duplex } from 'node:stream'
import { CloseCode } from '../protocol/close-code.ts'
import { closePayload } from '../protocol/close-payload.ts'
import { MAX_DELAY } from '../routing/in-time.ts'
import type { WebSocket } from '../websocket/websocket.ts'

/** How connections are ended, all at once. */
export interface ShutdownOptions {
  /** The close code each peer is sent. Default 1001, going away; 1012 says that a restart follows. */
  code?: number
  /** The close reason, at most 123 bytes. Default: none. */
  reason?: string
  /** How long the peers may take to answer, in milliseconds; then they are cut off. Default 5 s. */
  deadline?: number
}

/** What is to be ended. */
export interface Remaining {
  readonly clients: Iterable<WebSocket>
  /** Streams whose opening handshake is being decided. */
  readonly pending: Iterable<Duplex>
  /** Resolves when there are no more of either. */
  readonly over: Promise<void>
}

/** In milliseconds. */
export const DEFAULT_DEADLINE = 5_000

/** Starts the closing handshake with every peer, ends what is left at the deadline, and resolves when nothing is left. */
export async function shutDown(remaining: Remaining, options: ShutdownOptions = {}): Promise<void> {
  const { code = CloseCode.GoingAway, reason = '', deadline = DEFAULT_DEADLINE } = options
  for (const socket of remaining.clients) socket.close(code, reason)
  const timer = setTimeout(() => {
    for (const socket of remaining.clients) socket.terminate()
    for (const stream of remaining.pending) stream.destroy()
  }, deadline)
  await remaining.over
  clearTimeout(timer)
}

/** Throws a TypeError or RangeError, before anything is ended, when the options cannot be used. */
export function checkShutdownOptions({
  code = CloseCode.GoingAway,
  reason,
  deadline = 0,
}: ShutdownOptions = {}): void {
  closePayload(code, reason)
  if (deadline >= 0 && deadline <= MAX_DELAY) return
  throw new TypeError(
    `close: deadline must be a time in milliseconds of at most ${MAX_DELAY}, not ${deadline}`,
  )
}
