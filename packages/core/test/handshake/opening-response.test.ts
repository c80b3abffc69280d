import { describe, expect, it } from 'vitest'
import {
  HANDSHAKE_ERRORS,
  type HandshakeErrorCode,
  handshakeError,
} from '../../src/handshake/handshake-error.ts'
import {
  type Acceptance,
  formatAcceptance,
  formatHandshakeError,
  formatRejection,
  type Rejection,
} from '../../src/handshake/opening-response.ts'
import { SAMPLE_ACCEPT, SAMPLE_KEY } from './request.ts'

const ACCEPTANCE_HEAD =
  'HTTP/1.1 101 Switching Protocols\r\n' +
  'Upgrade: websocket\r\n' +
  'Connection: Upgrade\r\n' +
  `Sec-WebSocket-Accept: ${SAMPLE_ACCEPT}\r\n`

const accept = (acceptance: Omit<Acceptance, 'key'> = {}) =>
  formatAcceptance({ key: SAMPLE_KEY, ...acceptance })
const reject = (rejection: Rejection) => formatRejection(rejection).toString('latin1')

const FORBIDDEN = ['\r\nX: y', '\r', '\n', '\0', '\x01', '\x7f', '\u0100', '\u2028']

describe('formatAcceptance', () => {
  it('writes the response of RFC 6455 §1.3', () => {
    expect(accept()).toBe(`${ACCEPTANCE_HEAD}\r\n`)
  })

  it('names the subprotocol and the extensions', () => {
    expect(accept({ subprotocol: 'chat', extensions: 'permessage-deflate' })).toBe(
      `${ACCEPTANCE_HEAD}Sec-WebSocket-Protocol: chat\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n`,
    )
  })

  it('writes no header for an empty subprotocol or empty extensions', () => {
    expect(accept({ subprotocol: '', extensions: '' })).toBe(`${ACCEPTANCE_HEAD}\r\n`)
  })

  it('passes on what middleware set, in its order, and a Set-Cookie each', () => {
    const headers = [
      ['Set-Cookie', 'a=1'],
      ['X-Request-Id', '7'],
      ['Set-Cookie', 'b=2; Path=/'],
      ['X-Name', 'J\xf6rg\t!'],
    ] as const
    expect(accept({ headers })).toBe(
      `${ACCEPTANCE_HEAD}Set-Cookie: a=1\r\nX-Request-Id: 7\r\nSet-Cookie: b=2; Path=/\r\nX-Name: J\xf6rg\t!\r\n\r\n`,
    )
  })

  it.each([
    'Upgrade',
    'connection',
    'SEC-WEBSOCKET-ACCEPT',
    'Sec-WebSocket-Protocol',
    'Sec-WebSocket-Extensions',
    'Content-Length',
    'Transfer-Encoding',
    'Keep-Alive',
    'Proxy-Connection',
    'TE',
    'Trailer',
  ])('leaves out a %s that middleware set', (name) => {
    expect(accept({ headers: [[name, 'x']] })).toBe(`${ACCEPTANCE_HEAD}\r\n`)
  })

  it.each(FORBIDDEN)('throws for %j in a value, a subprotocol or the extensions (CVE-2026-1527)', (text) => {
    expect(() => accept({ headers: [['X', `a${text}`]] })).toThrow(TypeError)
    expect(() => accept({ headers: [['X', `a${text}`]] })).toThrow(
      'The value of the X header holds a line break',
    )
    expect(() => accept({ subprotocol: `a${text}` })).toThrow(TypeError)
    expect(() => accept({ extensions: `a${text}` })).toThrow(TypeError)
  })

  it.each([...FORBIDDEN, '', ' ', ':', '(', '\xe9'])('throws for %j as a name (CVE-2026-1527)', (name) => {
    expect(() => accept({ headers: [[name, 'x']] })).toThrow(TypeError)
    expect(() => accept({ headers: [[name, 'x']] })).toThrow('is not a header name; write a token')
  })
})

describe('formatRejection', () => {
  it('writes a status alone as a response without content that closes the connection', () => {
    expect(reject({ status: 401 })).toBe(
      'HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\nConnection: close\r\n\r\n',
    )
  })

  it('writes text as UTF-8, and counts its bytes', () => {
    expect(formatRejection({ status: 403, body: 'nö' }).toString('hex')).toBe(
      Buffer.concat([
        Buffer.from(
          'HTTP/1.1 403 Forbidden\r\nContent-Type: text/plain; charset=utf-8\r\n' +
            'Content-Length: 3\r\nConnection: close\r\n\r\n',
        ),
        Buffer.from('6ec3b6', 'hex'),
      ]).toString('hex'),
    )
  })

  it('writes exactly the bytes of a view, and keeps the Content-Type that came with it', () => {
    const body = new Uint8Array([0, 0xff, 0x00, 0x0d, 0]).subarray(1, 4)
    const response = formatRejection({ status: 400, headers: [['content-type', 'image/png']], body })
    expect(response.toString('latin1')).toBe(
      'HTTP/1.1 400 Bad Request\r\ncontent-type: image/png\r\n' +
        'Content-Length: 3\r\nConnection: close\r\n\r\n\xff\x00\r',
    )
  })

  it('takes headers from any iterable, a Map as well as a generator', () => {
    function* headers() {
      yield ['Set-Cookie', 'a=1'] as const
      yield ['Set-Cookie', 'b=2'] as const
    }
    expect(reject({ status: 302, headers: headers() })).toContain(
      '\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n',
    )
    expect(reject({ status: 302, headers: new Map([['Location', '/sign-in']]) })).toContain(
      'HTTP/1.1 302 Found\r\nLocation: /sign-in\r\n',
    )
  })

  it('writes headers as latin1, in which Node reads them', () => {
    const response = formatRejection({ status: 401, reason: 'N\xf6', headers: [['X-Name', 'J\xf6rg']] })
    expect(
      response.includes(Buffer.from('58 2d 4e 61 6d 65 3a 20 4a f6 72 67'.replaceAll(' ', ''), 'hex')),
    ).toBe(true)
    expect(response.includes(Buffer.from('4e f6 0d 0a'.replaceAll(' ', ''), 'hex'))).toBe(true)
  })

  it('frames the message itself, whatever headers came along', () => {
    const headers = [
      ['Content-Length', '999'],
      ['Transfer-Encoding', 'chunked'],
      ['Connection', 'keep-alive'],
      ['Keep-Alive', 'timeout=5'],
    ] as const
    expect(reject({ status: 500, headers, body: 'x' })).toBe(
      'HTTP/1.1 500 Internal Server Error\r\nContent-Type: text/plain; charset=utf-8\r\n' +
        'Content-Length: 1\r\nConnection: close\r\n\r\nx',
    )
  })

  it('lists Upgrade in Connection when it names a protocol to upgrade to', () => {
    expect(reject({ status: 426, headers: [['upgrade', 'websocket']] })).toBe(
      'HTTP/1.1 426 Upgrade Required\r\nupgrade: websocket\r\nContent-Length: 0\r\nConnection: Upgrade, close\r\n\r\n',
    )
  })

  it.each([204, 205, 304])('writes neither body nor Content-Length with %i', (status) => {
    const response = reject({ status, body: 'x', reason: 'R' })
    expect(response).toBe(`HTTP/1.1 ${status} R\r\nConnection: close\r\n\r\n`)
  })

  it('writes the reason that is given, and an empty one for an unknown status', () => {
    expect(reject({ status: 401, reason: 'Sign in first' })).toMatch(/^HTTP\/1\.1 401 Sign in first\r\n/)
    expect(reject({ status: 599 })).toMatch(/^HTTP\/1\.1 599 \r\n/)
  })

  it.each([101, 100, 199, 600, 0, -1, 200.5, Number.NaN, Number.POSITIVE_INFINITY])(
    'throws for the status %d',
    (status) => {
      expect(() => reject({ status })).toThrow(RangeError)
      expect(() => reject({ status })).toThrow('write a status from 200 to 599')
    },
  )

  it.each(FORBIDDEN)('throws for %j in a name, a value or the reason (CVE-2026-1527)', (text) => {
    expect(() => reject({ status: 400, headers: [[`a${text}`, 'x']] })).toThrow(TypeError)
    expect(() => reject({ status: 400, headers: [['X', `a${text}`]] })).toThrow(TypeError)
    expect(() => reject({ status: 400, reason: `a${text}` })).toThrow(TypeError)
  })
})

describe('formatHandshakeError', () => {
  it('writes status, headers and message of the error', () => {
    expect(formatHandshakeError(handshakeError('UPWIRE_BAD_VERSION')).toString()).toBe(
      'HTTP/1.1 426 Upgrade Required\r\nSec-WebSocket-Version: 13\r\nUpgrade: websocket\r\n' +
        'Content-Type: text/plain; charset=utf-8\r\nContent-Length: 46\r\nConnection: Upgrade, close\r\n\r\n' +
        'The only supported Sec-WebSocket-Version is 13',
    )
  })

  it.each(Object.keys(HANDSHAKE_ERRORS) as HandshakeErrorCode[])('can write %s', (code) => {
    const { status, message } = HANDSHAKE_ERRORS[code]
    const response = formatHandshakeError(handshakeError(code)).toString()
    expect(response.startsWith(`HTTP/1.1 ${status} `)).toBe(true)
    expect(response.endsWith(`\r\n\r\n${message}`)).toBe(true)
  })
})
