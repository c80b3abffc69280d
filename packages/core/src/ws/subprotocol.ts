import { readSubprotocols } from '../handshake/subprotocol.ts'

/** Reads a `Sec-WebSocket-Protocol` header (RFC 6455 §4.1). Throws a SyntaxError for one that is no list of different names. */
export function parse(header: string): Set<string> {
  const names = readSubprotocols(header)
  if (names) return new Set(names)
  throw new SyntaxError(`Invalid Sec-WebSocket-Protocol header: ${header}`)
}
