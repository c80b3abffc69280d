import type { Duplex } from 'node:stream'

/** How long the peer may take to read a response and to close, in milliseconds. */
const LINGER = 2_000

/**
 * Ends a stream behind a response. What the peer still sends is read and dropped until it ends too, for closing with
 * unread bytes would reset the connection, and the response with it (RFC 9112 §9.6).
 */
export function endWithLinger(stream: Duplex, lastBytes?: Buffer): void {
  if (lastBytes) stream.end(lastBytes)
  else stream.end()
  stream.resume()
  const linger = setTimeout(() => stream.destroy(), LINGER)
  stream.once('close', () => clearTimeout(linger))
}
