/** The bits of a frame header's first two bytes, RFC 6455 §5.2. */
export const FIN = 0x80
export const RSV1 = 0x40
export const RSV2 = 0x20
export const RSV3 = 0x10
export const OPCODE = 0x0f
export const MASK = 0x80
export const LENGTH = 0x7f

/** Values of the 7-bit length that announce a 16-bit or a 64-bit length after it. */
export const LENGTH_16 = 126
export const LENGTH_64 = 127

/** A control frame's longest payload, RFC 6455 §5.5. */
export const MAX_CONTROL_PAYLOAD_BYTES = 125

/** 2 bytes, a 64-bit length and a masking key. */
export const MAX_HEADER_BYTES = 14
export const MASKING_KEY_BYTES = 4

/** The bytes a header without a masking key takes for a payload of this length. */
export function headerBytes(payloadLength: number): number {
  if (payloadLength < LENGTH_16) return 2
  return payloadLength < 0x10000 ? 4 : 10
}

/**
 * Writes a header at `offset`, the length in the fewest bytes, and returns the offset after it. `first` holds FIN, the
 * RSV bits and the opcode. `mask` is `MASK` where a masking key will follow, else 0.
 */
export function writeHeader(
  target: Uint8Array,
  offset: number,
  first: number,
  payloadLength: number,
  mask: 0 | typeof MASK,
): number {
  target[offset] = first
  if (payloadLength < LENGTH_16) {
    target[offset + 1] = mask | payloadLength
    return offset + 2
  }
  if (payloadLength < 0x10000) {
    target[offset + 1] = mask | LENGTH_16
    target[offset + 2] = payloadLength >>> 8
    target[offset + 3] = payloadLength & 0xff
    return offset + 4
  }
  target[offset + 1] = mask | LENGTH_64
  writeUint32(target, offset + 2, Math.floor(payloadLength / 0x1_0000_0000))
  writeUint32(target, offset + 6, payloadLength >>> 0)
  return offset + 10
}

/** A 32-bit number in network byte order, unsigned. */
export function readUint32(source: Uint8Array, offset: number): number {
  const low = (source[offset + 1] << 16) | (source[offset + 2] << 8) | source[offset + 3]
  return source[offset] * 0x100_0000 + low
}

function writeUint32(target: Uint8Array, offset: number, value: number): void {
  target[offset] = value >>> 24
  target[offset + 1] = value >>> 16
  target[offset + 2] = value >>> 8
  target[offset + 3] = value
}
