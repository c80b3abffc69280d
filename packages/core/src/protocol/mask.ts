const IS_LITTLE_ENDIAN = new Uint8Array(Int32Array.of(1).buffer)[0] === 1

/** Below this many bytes a loop over bytes costs less than finding the words. Big-endian words would need another key. */
const WORDS_FROM_BYTES = IS_LITTLE_ENDIAN ? 48 : Number.POSITIVE_INFINITY

/** Seen in a payload whose every byte is below 0x80: then it is ASCII, and so valid UTF-8. */
export const ASCII_LIMIT = 0x80

/**
 * Masks or unmasks `bytes[start, end)` in place: RFC 6455 §5.3 uses one XOR for both. `key` is the masking key as
 * a little-endian integer, its lowest byte meant for `bytes[start]`.
 *
 * Returns all the resulting bytes OR-ed together, which costs nothing here and tells a caller with text whether it
 * is ASCII (`< ASCII_LIMIT`); above 48 bytes only that is exact.
 */
export function applyMask(bytes: Uint8Array, start: number, end: number, key: number): number {
  return end - start < WORDS_FROM_BYTES
    ? maskBytes(bytes, start, end, key)
    : maskWords(bytes, start, end, key)
}

/** The key for a payload of which `count` bytes are already done. */
export function rotateKey(key: number, count: number): number {
  const bits = (count & 3) << 3
  return bits === 0 ? key : (key >>> bits) | (key << (32 - bits))
}

function maskBytes(bytes: Uint8Array, start: number, end: number, key: number): number {
  const key0 = key & 0xff
  const key1 = (key >>> 8) & 0xff
  const key2 = (key >>> 16) & 0xff
  const key3 = key >>> 24
  let seen = 0
  let at = start
  for (const last = end - 3; at < last; at += 4) {
    seen |= bytes[at] ^= key0
    seen |= bytes[at + 1] ^= key1
    seen |= bytes[at + 2] ^= key2
    seen |= bytes[at + 3] ^= key3
  }
  if (at < end) seen |= bytes[at] ^= key0
  if (at + 1 < end) seen |= bytes[at + 1] ^= key1
  if (at + 2 < end) seen |= bytes[at + 2] ^= key2
  return seen
}

function maskWords(bytes: Uint8Array, start: number, end: number, key: number): number {
  const words = wordsOf(bytes)
  const base = bytes.byteOffset
  const unaligned = -(base + start) & 3
  const firstWord = (base + start + unaligned) >>> 2
  const lastWord = (base + end) >>> 2
  const aligned = rotateKey(key, unaligned)
  let seen = 0
  let word = firstWord
  for (const last = lastWord - 3; word < last; word += 4) {
    seen |= words[word] ^= aligned
    seen |= words[word + 1] ^= aligned
    seen |= words[word + 2] ^= aligned
    seen |= words[word + 3] ^= aligned
  }
  for (; word < lastWord; word++) seen |= words[word] ^= aligned
  const head = maskBytes(bytes, start, start + unaligned, key)
  const tail = maskBytes(bytes, lastWord * 4 - base, end, aligned)
  return (seen & 0x8080_8080) === 0 ? head | tail : ASCII_LIMIT
}

/** The frames of one chunk share its words: making a view costs more than masking a hundred bytes. */
let lastBuffer: ArrayBufferLike | undefined
let lastWords: Int32Array

function wordsOf(bytes: Uint8Array): Int32Array {
  const { buffer } = bytes
  if (buffer !== lastBuffer) {
    lastBuffer = buffer
    lastWords = new Int32Array(buffer, 0, buffer.byteLength >>> 2)
  }
  return lastWords
}
