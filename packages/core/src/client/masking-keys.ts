import { randomFillSync } from 'node:crypto'
import { MASKING_KEY_BYTES } from '../protocol/frame-header.ts'

/** Asking the system for every key alone would cost more than masking does. */
const POOL_BYTES = 8 * 1024

/**
 * Masking keys from the system's strong source of randomness, a new one for each frame: a page that could foretell one
 * could make a proxy read what it sends as HTTP (RFC 6455 §5.3, §10.3).
 */
export function randomMaskingKeys(): () => number {
  const pool = Buffer.alloc(POOL_BYTES)
  let at = POOL_BYTES
  return () => {
    if (at === POOL_BYTES) {
      randomFillSync(pool)
      at = 0
    }
    const key = pool.readInt32LE(at)
    at += MASKING_KEY_BYTES
    return key
  }
}

/** Masking keys from a function that fills a buffer of 4 bytes, as `generateMask` of the package `ws` does. */
export function maskingKeysFrom(generateMask: (key: Buffer) => void): () => number {
  const key = Buffer.alloc(MASKING_KEY_BYTES)
  return () => {
    generateMask(key)
    return key.readInt32LE(0)
  }
}
