import { describe, expect, it } from 'vitest'
import {
  HANDSHAKE_ERRORS,
  HandshakeError,
  type HandshakeErrorCode,
  handshakeError,
} from '../../src/handshake/handshake-error.ts'

const codes = Object.keys(HANDSHAKE_ERRORS) as HandshakeErrorCode[]

describe('the table of handshake errors', () => {
  it.each([
    ['UPWIRE_BAD_METHOD', 405, { Allow: 'GET' }],
    ['UPWIRE_BAD_HTTP_VERSION', 400, {}],
    ['UPWIRE_BAD_TARGET', 400, {}],
    ['UPWIRE_BAD_HOST', 400, {}],
    ['UPWIRE_BAD_UPGRADE', 400, {}],
    ['UPWIRE_BAD_CONNECTION', 400, {}],
    ['UPWIRE_MISSING_VERSION', 400, { 'Sec-WebSocket-Version': '13' }],
    [
      'UPWIRE_BAD_VERSION',
      426,
      { 'Sec-WebSocket-Version': '13', Upgrade: 'websocket', Connection: 'Upgrade' },
    ],
    ['UPWIRE_BAD_KEY', 400, {}],
    ['UPWIRE_BAD_SUBPROTOCOL', 400, {}],
    ['UPWIRE_BAD_EXTENSIONS', 400, {}],
    ['UPWIRE_FOREIGN_ORIGIN', 403, {}],
    ['UPWIRE_NO_ROUTE', 404, {}],
    ['UPWIRE_UPGRADE_REQUIRED', 426, { Upgrade: 'websocket', Connection: 'Upgrade' }],
    ['UPWIRE_TOO_MANY_CONNECTIONS', 503, {}],
    ['UPWIRE_TOO_MANY_CONNECTIONS_FROM_ADDRESS', 429, {}],
    ['UPWIRE_SHUTTING_DOWN', 503, {}],
    ['UPWIRE_HANDSHAKE_TIMEOUT', 503, {}],
    ['UPWIRE_UPGRADE_FAILED', 500, {}],
  ] as const)('answers %s with %i and the headers %o', (code, status, headers) => {
    expect(handshakeError(code)).toMatchObject({ code, status })
    expect(handshakeError(code).headers).toEqual(headers)
  })

  it('has no row without an expectation above', () => {
    expect(codes).toHaveLength(19)
  })

  it.each(codes)('gives %s a message of its own, of one printable line, and a section', (code) => {
    const { message, section } = HANDSHAKE_ERRORS[code]
    expect(message).toMatch(/^[A-Z][ -~]+[^.]$/)
    expect(section).toMatch(/^RFC \d{4} §\d+(\.\d+)*$/)
    expect(codes.filter((other) => HANDSHAKE_ERRORS[other].message === message)).toEqual([code])
  })
})

describe('HandshakeError', () => {
  it('is an Error that is known by its class, its name and its code', () => {
    const error = handshakeError('UPWIRE_BAD_KEY')
    expect(error).toBeInstanceOf(HandshakeError)
    expect(error).toBeInstanceOf(Error)
    expect(error.name).toBe('HandshakeError')
    expect(error.message).toBe(HANDSHAKE_ERRORS.UPWIRE_BAD_KEY.message)
  })
})
