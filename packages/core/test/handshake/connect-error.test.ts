import { describe, expect, it } from 'vitest'
import { CONNECT_ERRORS, ConnectError, type ConnectErrorCode } from '../../src/handshake/connect-error.ts'

const codes = Object.keys(CONNECT_ERRORS) as ConnectErrorCode[]

describe('the table of connect errors', () => {
  it('has the messages that programs written for ws match on', () => {
    expect(codes.map((code) => CONNECT_ERRORS[code].message)).toEqual([
      'Unexpected server response: %',
      'Invalid Upgrade header',
      'Invalid Connection header',
      'Invalid Sec-WebSocket-Accept header',
      'Server sent a subprotocol but none was requested',
      'Server sent an invalid subprotocol',
      'Server sent no subprotocol',
      'Server sent a Sec-WebSocket-Extensions header but no extension was requested',
      'Server indicated an extension that was not requested',
      'Invalid Sec-WebSocket-Extensions header',
      'Maximum redirects exceeded',
      'Opening handshake has timed out',
      'WebSocket was closed before the connection was established',
    ])
  })

  it.each(codes)('gives %s a section', (code) => {
    expect(CONNECT_ERRORS[code].section).toMatch(/^RFC \d{4} §\d+(\.\d+)*$/)
  })
})

describe('ConnectError', () => {
  it('is an Error that is known by its class, its name and its code', () => {
    const error = new ConnectError('UPWIRE_CONNECT_TIMEOUT')
    expect(error).toBeInstanceOf(Error)
    expect([error.name, error.code, error.status]).toEqual([
      'ConnectError',
      'UPWIRE_CONNECT_TIMEOUT',
      undefined,
    ])
    expect('cause' in error).toBe(false)
  })

  it('names the status of the response', () => {
    const error = new ConnectError('UPWIRE_UNEXPECTED_RESPONSE', { status: 401 })
    expect([error.message, error.status]).toEqual(['Unexpected server response: 401', 401])
  })

  it('has its cause', () => {
    expect(new ConnectError('UPWIRE_CONNECT_ABORTED', { cause: 'bored' }).cause).toBe('bored')
  })
})
