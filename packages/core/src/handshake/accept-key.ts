import { hash } from 'node:crypto'

/** RFC 6455 §1.3: the GUID a server appends to the key to prove that it speaks this protocol. */
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'

/** Sixteen bytes leave two bits for the last digit before the padding, hence only A, Q, g and w (RFC 4648 §4). */
const KEY = /^[A-Za-z0-9+/]{21}[AQgw]==$/

/** The `Sec-WebSocket-Accept` value that answers a `Sec-WebSocket-Key` (RFC 6455 §4.2.2, item 5.4). */
export function acceptKey(key: string): string {
  return hash('sha1', key + GUID, 'base64')
}

/** Whether `value` is the base64 form of exactly 16 bytes (RFC 6455 §4.2.1, item 5). */
export function isKey(value: string | undefined): value is string {
  return value !== undefined && KEY.test(value)
}
