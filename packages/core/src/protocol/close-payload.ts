import { CloseCode, isCloseCode } from './close-code.ts'
import { MAX_CONTROL_PAYLOAD_BYTES } from './frame-header.ts'
import { bytesOf } from './payload.ts'
import { protocolError } from './protocol-error.ts'
import { COMPLETE, checkUtf8 } from './utf8.ts'

const CODE_BYTES = 2

/** The longest close reason, in bytes of UTF-8: a control frame's payload less the code (RFC 6455 §5.5). */
export const MAX_CLOSE_REASON_BYTES = MAX_CONTROL_PAYLOAD_BYTES - CODE_BYTES

export interface Close {
  readonly code: number
  readonly reason: Buffer
}

const EMPTY = Buffer.alloc(0)

/** A connection that ended without a Close frame (RFC 6455 §7.1.5). */
export const ABNORMAL_CLOSE: Close = { code: CloseCode.Abnormal, reason: EMPTY }

/**
 * Reads the payload of a Close frame (RFC 6455 §5.5.1). Throws a ProtocolError for a payload no peer may send; of a reason
 * that is not UTF-8 only where that is looked at.
 */
export function readClosePayload(payload: Buffer, skipUTF8Validation = false): Close {
  if (payload.length === 0) return { code: CloseCode.NoStatus, reason: EMPTY }
  if (payload.length < CODE_BYTES) {
    throw protocolError('WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH', payload.length)
  }
  const code = payload.readUInt16BE(0)
  if (!isCloseCode(code)) throw protocolError('WS_ERR_INVALID_CLOSE_CODE', code)
  const isText = skipUTF8Validation || checkUtf8(COMPLETE, payload, CODE_BYTES, payload.length) === COMPLETE
  if (!isText) {
    throw protocolError('WS_ERR_INVALID_UTF8')
  }
  return { code, reason: payload.subarray(CODE_BYTES) }
}

/**
 * Builds the payload of a Close frame; without a code it is empty, and says no reason. Throws a TypeError for a code that
 * may not be sent, a RangeError for a reason above 123 bytes. Programs match on the messages, which are those of `ws`.
 */
export function closePayload(code?: number, reason: string | Uint8Array = ''): Buffer {
  if (code === undefined) return EMPTY
  if (typeof code !== 'number' || !isCloseCode(code)) {
    throw new TypeError('First argument must be a valid error code number')
  }
  const bytes = bytesOf(reason)
  if (bytes.length > MAX_CLOSE_REASON_BYTES) {
    throw new RangeError(`The message must not be greater than ${MAX_CLOSE_REASON_BYTES} bytes`)
  }
  const payload = Buffer.alloc(CODE_BYTES + bytes.length)
  payload.writeUInt16BE(code, 0)
  payload.set(bytes, CODE_BYTES)
  return payload
}
