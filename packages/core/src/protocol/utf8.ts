import { isUtf8 } from 'node:buffer'

/**
 * Where a text that arrives in parts stands: 0 between two characters, `REJECTED` after a byte that no continuation
 * can mend, else what the character begun still needs: how many bytes, and the range of the next one.
 */
export type Utf8State = number

export const COMPLETE: Utf8State = 0
export const REJECTED: Utf8State = -1

/**
 * Checks the next part of a text (RFC 3629) and returns the new state. Rejects at the first byte that makes the whole
 * invalid, so that a connection fails at once and not at the end of the message (RFC 6455 §8.1).
 */
export function checkUtf8(state: Utf8State, bytes: Uint8Array, start: number, end: number): Utf8State {
  let at = start
  while (state > COMPLETE && at < end) state = step(state, bytes[at++])
  if (state !== COMPLETE) return state

  const tail = unfinishedTail(bytes, at, end)
  if (!isUtf8(bytes.subarray(at, tail))) return REJECTED
  for (at = tail; at < end && state !== REJECTED; at++) state = step(state, bytes[at])
  return state
}

/** Where the last character starts if it may go on after `end`, else `end`. */
function unfinishedTail(bytes: Uint8Array, start: number, end: number): number {
  for (let at = end - 1; at >= start && at >= end - 3; at--) {
    const byte = bytes[at]
    if (byte >= 0xc0) return end - at < sequenceBytes(byte) ? at : end
    if (byte < 0x80) return end
  }
  return end
}

function sequenceBytes(lead: number): number {
  if (lead < 0xe0) return 2
  return lead < 0xf0 ? 3 : 4
}

/** One byte of the table of well-formed sequences, Unicode 15 table 3-7. */
function step(state: Utf8State, byte: number): Utf8State {
  if (state === COMPLETE) {
    if (byte < 0x80) return COMPLETE
    if (byte < 0xc2 || byte > 0xf4) return REJECTED
    if (byte < 0xe0) return needs(1, 0x80, 0xbf)
    if (byte < 0xf0) return needs(2, byte === 0xe0 ? 0xa0 : 0x80, byte === 0xed ? 0x9f : 0xbf)
    return needs(3, byte === 0xf0 ? 0x90 : 0x80, byte === 0xf4 ? 0x8f : 0xbf)
  }
  const count = state >>> 16
  if (byte < ((state >>> 8) & 0xff) || byte > (state & 0xff)) return REJECTED
  return count === 1 ? COMPLETE : needs(count - 1, 0x80, 0xbf)
}

function needs(count: number, lowest: number, highest: number): Utf8State {
  return (count << 16) | (lowest << 8) | highest
}
