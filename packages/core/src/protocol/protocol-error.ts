import { CloseCode } from './close-code.ts'

interface Row {
  readonly closeCode: number
  readonly base: ErrorConstructor | RangeErrorConstructor
  /** `%` stands for the detail given to `protocolError`. */
  readonly message: string
  /** zlib's number. */
  readonly errno?: number
}

/**
 * Every way a peer can break the protocol: a stable code, the close code the peer is sent, and what a person reads.
 * Codes, messages and error classes are those that programs written for `ws` match on.
 */
export const PROTOCOL_ERRORS = {
  /** RFC 6455 §5.2 */
  WS_ERR_UNEXPECTED_RSV_1: frame('RSV1 must be clear'),
  WS_ERR_UNEXPECTED_RSV_2_3: frame('RSV2 and RSV3 must be clear'),
  WS_ERR_INVALID_OPCODE: frame('invalid opcode %'),
  /** RFC 6455 §5.2: the length takes the fewest bytes that hold it, and its highest bit is clear. */
  UPWIRE_OVERLONG_LENGTH: frame('payload length is not minimally encoded'),
  UPWIRE_NEGATIVE_LENGTH: frame('the most significant bit of a 64-bit payload length must be clear'),
  /** RFC 6455 §5.1 */
  WS_ERR_EXPECTED_MASK: frame('MASK must be set'),
  WS_ERR_UNEXPECTED_MASK: frame('MASK must be clear'),
  /** RFC 6455 §5.5: a control frame is never fragmented. */
  WS_ERR_EXPECTED_FIN: frame('FIN must be set'),
  /** RFC 6455 §5.5: a control frame carries at most 125 bytes; §5.5.1: a Close frame never exactly one. */
  WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH: frame('invalid payload length %'),
  /** RFC 6455 §7.4 */
  WS_ERR_INVALID_CLOSE_CODE: frame('invalid status code %'),
  /** RFC 6455 §8.1 */
  WS_ERR_INVALID_UTF8: { ...frame('invalid UTF-8 sequence', CloseCode.InvalidPayload), base: Error },

  /** RFC 7692 §7.2.2: what does not inflate, under the code that zlib has for it. */
  Z_DATA_ERROR: {
    closeCode: CloseCode.InvalidPayload,
    base: Error,
    message: 'Invalid compressed data',
    errno: -3,
  },

  /** RFC 6455 §10.4: limits of this endpoint. */
  WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH: limit(
    'Unsupported WebSocket frame: payload length > 2^53 - 1',
    CloseCode.MessageTooBig,
  ),
  WS_ERR_UNSUPPORTED_MESSAGE_LENGTH: limit('Max payload size exceeded', CloseCode.MessageTooBig),
  WS_ERR_TOO_MANY_BUFFERED_PARTS: limit('Too many %', CloseCode.PolicyViolation),
  UPWIRE_TOO_MANY_FINAL_BLOCKS: limit(
    'Too many final DEFLATE blocks in one message',
    CloseCode.PolicyViolation,
  ),
  UPWIRE_UNFINISHED_MESSAGE: limit('Message was not finished in time', CloseCode.PolicyViolation),
  UPWIRE_UNFINISHED_MESSAGES_FULL: limit('Too much unfinished data on this server', CloseCode.TryAgainLater),
  UPWIRE_MESSAGE_RATE: limit('Too many messages per second', CloseCode.PolicyViolation),
} as const satisfies Record<string, Row>

export type ProtocolErrorCode = keyof typeof PROTOCOL_ERRORS

/** What a peer did against the protocol or a limit. The connection fails with `closeCode` (RFC 6455 §7.1.7). */
export interface ProtocolError extends Error {
  readonly code: ProtocolErrorCode
  readonly closeCode: number
}

/** Builds the error of a table row; `detail` fills the place its message leaves open. */
export function protocolError(code: ProtocolErrorCode, detail?: number | string): ProtocolError {
  const { base: ErrorClass, message, ...row }: Row = PROTOCOL_ERRORS[code]
  return Object.assign(new ErrorClass(message.replace('%', String(detail))), { code, ...row })
}

function frame(rule: string, closeCode: number = CloseCode.ProtocolError): Row {
  return { closeCode, base: RangeError, message: `Invalid WebSocket frame: ${rule}` }
}

function limit(message: string, closeCode: number): Row {
  return { closeCode, base: RangeError, message }
}
