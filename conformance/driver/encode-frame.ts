import type { Frame } from '../vocabulary/frame.ts'
import { bytesOf } from '../vocabulary/payload.ts'
import type { Role } from '../vocabulary/role.ts'

const MASKING_KEY = '37fa213d'

/** The bytes of a frame, valid or not, as `sender` puts it on the wire (RFC 6455 §5.2). */
export function encodeFrame(frame: Frame, sender: Role): Buffer {
  const { opcode, fin = true, rsv = 0, masked = sender === 'client', maskingKey = MASKING_KEY } = frame
  const payload = bytesOf(frame.payload)
  const { length = BigInt(payload.length), lengthBytes = fewestBytes(length) } = frame
  const key = masked ? Buffer.from(maskingKey, 'hex') : Buffer.alloc(0)

  const bytes = Buffer.allocUnsafe(2 + lengthBytes + key.length + payload.length)
  bytes[0] = (fin ? 0x80 : 0) | (rsv << 4) | opcode
  bytes[1] = (masked ? 0x80 : 0) | (lengthBytes === 0 ? Number(length) : lengthBytes === 2 ? 126 : 127)
  if (lengthBytes === 2) bytes.writeUInt16BE(Number(length), 2)
  if (lengthBytes === 8) bytes.writeBigUInt64BE(length, 2)
  key.copy(bytes, 2 + lengthBytes)
  payload.copy(bytes, bytes.length - payload.length)
  if (masked) applyMask(bytes.subarray(bytes.length - payload.length), key)
  return frame.part ? bytes.subarray(...frame.part) : bytes
}

/** Masks or unmasks in place (RFC 6455 §5.3). */
export function applyMask(bytes: Uint8Array, key: Uint8Array): void {
  for (let at = 0; at < bytes.length; at++) bytes[at]! ^= key[at & 3]!
}

function fewestBytes(length: bigint): 0 | 2 | 8 {
  if (length < 126n) return 0
  return length < 0x10000n ? 2 : 8
}
