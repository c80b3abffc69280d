import { describe, expect, it } from 'vitest'
import { isCloseCode } from '../../src/protocol/close-code.ts'
import { PROTOCOL_ERRORS, type ProtocolErrorCode, protocolError } from '../../src/protocol/protocol-error.ts'

const CODES = Object.keys(PROTOCOL_ERRORS) as ProtocolErrorCode[]

/** What programs written for `ws` match on. */
const KNOWN_TO_USERS: readonly [
  code: ProtocolErrorCode,
  closeCode: number,
  message: string,
  detail?: number | string,
][] = [
  ['WS_ERR_UNEXPECTED_RSV_1', 1002, 'Invalid WebSocket frame: RSV1 must be clear'],
  ['WS_ERR_UNEXPECTED_RSV_2_3', 1002, 'Invalid WebSocket frame: RSV2 and RSV3 must be clear'],
  ['WS_ERR_INVALID_OPCODE', 1002, 'Invalid WebSocket frame: invalid opcode 5', 5],
  ['WS_ERR_EXPECTED_FIN', 1002, 'Invalid WebSocket frame: FIN must be set'],
  ['WS_ERR_EXPECTED_MASK', 1002, 'Invalid WebSocket frame: MASK must be set'],
  ['WS_ERR_UNEXPECTED_MASK', 1002, 'Invalid WebSocket frame: MASK must be clear'],
  ['WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH', 1002, 'Invalid WebSocket frame: invalid payload length 126', 126],
  ['WS_ERR_INVALID_CLOSE_CODE', 1002, 'Invalid WebSocket frame: invalid status code 0', 0],
  ['WS_ERR_INVALID_UTF8', 1007, 'Invalid WebSocket frame: invalid UTF-8 sequence'],
  ['Z_DATA_ERROR', 1007, 'Invalid compressed data'],
  ['WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH', 1009, 'Unsupported WebSocket frame: payload length > 2^53 - 1'],
  ['WS_ERR_UNSUPPORTED_MESSAGE_LENGTH', 1009, 'Max payload size exceeded'],
  ['WS_ERR_TOO_MANY_BUFFERED_PARTS', 1008, 'Too many message fragments', 'message fragments'],
]

describe('the error', () => {
  it.each(KNOWN_TO_USERS)('%s closes with %d and says "%s"', (code, closeCode, message, detail) => {
    expect(protocolError(code, detail)).toMatchObject({ code, closeCode, message })
  })

  it.each(CODES)('%s is a RangeError, but for a payload that is not what it says', (code) => {
    const error = protocolError(code, 1)
    expect(error).toBeInstanceOf(Error)
    expect(error instanceof RangeError).toBe(!['WS_ERR_INVALID_UTF8', 'Z_DATA_ERROR'].includes(code))
  })

  it.each(CODES)('%s closes with a code that a Close frame may carry, and leaves no place open', (code) => {
    const { closeCode, message } = protocolError(code, 1)
    expect(isCloseCode(closeCode)).toBe(true)
    expect(message).not.toMatch(/%|undefined/)
  })

  it('with a code of our own says so by its prefix', () => {
    const known = new Set<string>(KNOWN_TO_USERS.map(([code]) => code))
    expect(CODES.filter((code) => !known.has(code))).toEqual(
      CODES.filter((code) => code.startsWith('UPWIRE_')),
    )
  })
})
