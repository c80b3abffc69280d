import { headerBytes, MASK, MASKING_KEY_BYTES, writeHeader } from './frame-header.ts'
import { applyMask } from './mask.ts'

/**
 * Builds one whole frame (RFC 6455 §5.2). `first` holds FIN, the RSV bits and the opcode. With a masking `key`, as a
 * little-endian integer, the payload is copied masked: a client's frames need one, a server's have none (§5.1).
 */
export function encodeFrame(first: number, payload: Uint8Array, key?: number): Buffer {
  const keyBytes = key === undefined ? 0 : MASKING_KEY_BYTES
  const frame = Buffer.allocUnsafe(headerBytes(payload.length) + keyBytes + payload.length)
  let at = writeHeader(frame, 0, first, payload.length, key === undefined ? 0 : MASK)
  if (key !== undefined) at = frame.writeInt32LE(key, at)
  frame.set(payload, at)
  if (key !== undefined) applyMask(frame, at, frame.length, key)
  return frame
}
