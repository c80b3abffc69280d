import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import type { Duplex } from 'node:stream'
import { text } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { HandshakeError, type HandshakeErrorCode } from '../../src/handshake/handshake-error.ts'
import { isWebSocketUpgrade, readOpeningRequest, requestPath } from '../../src/handshake/opening-request.ts'
import { formatHandshakeError } from '../../src/handshake/opening-response.ts'
import { randomSource } from '../support/random-source.ts'
import { PROTOTYPE_NAMES, randomText } from './hostile.ts'
import { openingRequest, requestWith, SAMPLE_KEY } from './request.ts'

const SEED = 0x6455_0005

function errorOf(request: IncomingMessage): readonly [HandshakeErrorCode, number] | undefined {
  const result = readOpeningRequest(request)
  return result instanceof HandshakeError ? [result.code, result.status] : undefined
}

describe('readOpeningRequest', () => {
  it('reads the key of a minimal handshake and offers of nothing', () => {
    expect(readOpeningRequest(openingRequest())).toEqual({
      key: SAMPLE_KEY,
      subprotocols: [],
      extensions: [],
    })
  })

  it('reads the subprotocols and extensions that are offered', () => {
    const request = openingRequest({
      'sec-websocket-protocol': 'chat, superchat',
      'sec-websocket-extensions': 'permessage-deflate; client_max_window_bits',
    })
    expect(readOpeningRequest(request)).toEqual({
      key: SAMPLE_KEY,
      subprotocols: ['chat', 'superchat'],
      extensions: [{ name: 'permessage-deflate', parameters: new Map([['client_max_window_bits', [true]]]) }],
    })
  })

  it('accepts what Firefox sends in Connection, and Upgrade in any case', () => {
    const request = openingRequest({ connection: 'keep-alive, Upgrade', upgrade: 'WebSocket' })
    expect(errorOf(request)).toBeUndefined()
  })

  it.each(['POST', 'HEAD', 'get', undefined])('refuses the method %s with 405', (method) => {
    expect(errorOf(openingRequest({}, { method: method ?? '' }))).toEqual(['UPWIRE_BAD_METHOD', 405])
  })

  it.each(['1.0', '0.9', ''])('refuses HTTP version %j with 400', (httpVersion) => {
    expect(errorOf(openingRequest({}, { httpVersion }))).toEqual(['UPWIRE_BAD_HTTP_VERSION', 400])
  })

  it('accepts a later HTTP version', () => {
    expect(errorOf(openingRequest({}, { httpVersion: '2.0' }))).toBeUndefined()
  })

  it.each(['*', 'server.example:443', 'ftp://server.example/', '/a\0', ''])(
    'refuses the target %j with 400',
    (url) => {
      expect(errorOf(openingRequest({}, { url }))).toEqual(['UPWIRE_BAD_TARGET', 400])
    },
  )

  it.each([undefined, '', 'a b', 'user@server.example', '[::::]', 'server.example:99999'])(
    'refuses the host %j with 400 (websocket-driver CVE-2026-61666)',
    (host) => {
      expect(errorOf(openingRequest({ host }))).toEqual(['UPWIRE_BAD_HOST', 400])
    },
  )

  it('refuses two Host headers with 400, though Node keeps but the first', () => {
    const request = openingRequest()
    request.rawHeaders.push('HOST', 'server.example')
    expect(errorOf(request)).toEqual(['UPWIRE_BAD_HOST', 400])
  })

  it('does not take a value for a second Host header', () => {
    expect(errorOf(openingRequest({ 'x-forwarded-by': 'host' }))).toBeUndefined()
  })

  it.each([undefined, '', 'h2c', 'websocket2', 'web socket'])(
    'refuses the Upgrade header %j with 400',
    (upgrade) => {
      expect(errorOf(openingRequest({ upgrade }))).toEqual(['UPWIRE_BAD_UPGRADE', 400])
    },
  )

  it.each([undefined, '', 'keep-alive', 'upgrade-insecure'])(
    'refuses the Connection header %j with 400',
    (connection) => {
      expect(errorOf(openingRequest({ connection }))).toEqual(['UPWIRE_BAD_CONNECTION', 400])
    },
  )

  it('refuses a request without a version with 400', () => {
    expect(errorOf(openingRequest({ 'sec-websocket-version': undefined }))).toEqual([
      'UPWIRE_MISSING_VERSION',
      400,
    ])
  })

  it.each(['8', '14', '013', '13, 8', '13, 13', 'thirteen', ''])('refuses version %j with 426', (version) => {
    expect(errorOf(openingRequest({ 'sec-websocket-version': version }))).toEqual(['UPWIRE_BAD_VERSION', 426])
  })

  it('names the version to a client of another one, whatever its key', () => {
    const request = openingRequest({ 'sec-websocket-version': '25', 'sec-websocket-key': 'of another form' })
    expect(errorOf(request)).toEqual(['UPWIRE_BAD_VERSION', 426])
  })

  it.each([undefined, '', 'dGhlIHNhbXBsZQ==', `${SAMPLE_KEY}=`])(
    'refuses the key %j, which is not 16 bytes, with 400',
    (key) => {
      expect(errorOf(openingRequest({ 'sec-websocket-key': key }))).toEqual(['UPWIRE_BAD_KEY', 400])
    },
  )

  it.each(['', 'chat, chat', 'chat room', 'chat/1'])('refuses the subprotocols %j with 400', (header) => {
    const request = openingRequest({ 'sec-websocket-protocol': header })
    expect(errorOf(request)).toEqual(['UPWIRE_BAD_SUBPROTOCOL', 400])
  })

  it.each(['', 'a;', 'a;b="c d"', 'a=b'])('refuses the extensions %j with 400', (header) => {
    const request = openingRequest({ 'sec-websocket-extensions': header })
    expect(errorOf(request)).toEqual(['UPWIRE_BAD_EXTENSIONS', 400])
  })

  it.each(PROTOTYPE_NAMES)('opens for a client that offers %s (GHSA-5v72-xg48-5rpm)', (name) => {
    const request = openingRequest({
      'sec-websocket-protocol': name,
      'sec-websocket-extensions': `${name}; ${name}=${name}`,
    })
    expect(readOpeningRequest(request)).toMatchObject({ subprotocols: [name], extensions: [{ name }] })
  })

  it('refuses a request without any header, line or address with an error, not a throw', () => {
    expect(errorOf(requestWith({}))).toEqual(['UPWIRE_BAD_HOST', 400])
    expect(errorOf(Object.assign(requestWith({}), { method: undefined, url: undefined }))?.[1]).toBe(405)
  })

  it('answers 400 when 2,000 headers in front have pushed out Upgrade (CVE-2024-37890)', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    const upgraded = once(server, 'upgrade') as Promise<[IncomingMessage, Duplex]>
    await once(server, 'listening')
    const client = connect((server.address() as AddressInfo).port, '127.0.0.1')
    const response = text(client)
    client.write(
      `GET / HTTP/1.1\r\nHost: server.example\r\n${'a:b\r\n'.repeat(2000)}` +
        `Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n` +
        `Sec-WebSocket-Key: ${SAMPLE_KEY}\r\n\r\n`,
    )

    const first = await Promise.race([upgraded, response])
    if (typeof first !== 'string') {
      const [request, stream] = first
      expect(request.headers.upgrade).toBeUndefined()
      const error = readOpeningRequest(request)
      if (!(error instanceof HandshakeError)) throw new Error('the handshake was accepted')
      stream.end(formatHandshakeError(error))
    }
    // Node 24 and later refuse so many headers before anybody sees the request.
    expect(await response).toMatch(/^HTTP\/1\.1 (400 Bad Request|431 Request Header Fields Too Large)\r\n/)

    server.close()
    await once(server, 'close')
  })

  it(`never throws on 20,000 requests with random headers (seed ${SEED})`, () => {
    const random = randomSource(SEED)
    const names = ['host', 'upgrade', 'connection', 'sec-websocket-key', 'sec-websocket-version']
    names.push('sec-websocket-protocol', 'sec-websocket-extensions')
    const pieces = [
      'a',
      ',',
      ';',
      '=',
      '"',
      ' ',
      'websocket',
      'Upgrade',
      '13',
      SAMPLE_KEY,
      '[',
      ':',
      '%',
      '\\',
    ]
    const statuses = new Set<number | undefined>()
    for (let round = 0; round < 20_000; round++) {
      const name = names[Math.floor(random() * names.length)]
      statuses.add(errorOf(openingRequest({ [name]: randomText(random, pieces, 4) }))?.[1])
    }
    expect([...statuses].sort()).toEqual([400, 426, undefined])
  })
})

describe('isWebSocketUpgrade', () => {
  it.each(['websocket', 'WebSocket', 'h2c, websocket', 'TLS/1.0,websocket'])('says yes to %j', (upgrade) => {
    expect(isWebSocketUpgrade(openingRequest({ upgrade }))).toBe(true)
  })

  it.each([undefined, '', 'h2c', 'websocket/13'])('says no to %j', (upgrade) => {
    expect(isWebSocketUpgrade(openingRequest({ upgrade }))).toBe(false)
  })
})

describe('requestPath', () => {
  it.each([
    ['/', '/'],
    ['/chat', '/chat'],
    ['/chat?room=1?2', '/chat'],
    ['/?x', '/'],
    ['/a%2Fb%20c/%E2%82%AC', '/a%2Fb%20c/%E2%82%AC'],
    ['//other.example/chat', '//other.example/chat'],
    ['/a/../b;v=1/', '/a/../b;v=1/'],
    ['/\u00c3\u00bc', '/\u00c3\u00bc'],
    ['http://server.example/chat?x', '/chat'],
    ['HTTPS://server.example:8443/chat', '/chat'],
    ['http://[::1]:80/a', '/a'],
    ['http://server.example', '/'],
    ['http://server.example?x=/a', '/'],
  ])('reads from %j the path %j', (url, path) => {
    expect(requestPath(openingRequest({}, { url }))).toBe(path)
  })

  it.each([
    ['nothing', ''],
    ['the asterisk form', '*'],
    ['the authority form', 'server.example:443'],
    ['a relative path', 'chat'],
    ['a query alone', '?x'],
    ['another scheme', 'ftp://server.example/'],
    ['a script', 'javascript:alert(1)'],
    ['no authority', 'http:///chat'],
    ['user info', 'http://user@server.example/'],
    ['a malformed host', 'http://[::::]/'],
    ['a fragment', '/chat#top'],
    ['a space', '/chat room'],
    ['a tab', '/chat\troom'],
    ['a line break', '/chat\r\nX: y'],
    ['a NUL', '/chat\0'],
    ['DEL', '/chat\x7f'],
    ['a line break behind an absolute form', 'http://server.example/\n'],
  ])('reads no path from %s', (_what, url) => {
    expect(requestPath(openingRequest({}, { url }))).toBeUndefined()
  })

  it('reads no path from a request without a target', () => {
    expect(requestPath(Object.assign(openingRequest(), { url: undefined }))).toBeUndefined()
  })

  it(`never throws on 20,000 random targets, and gives paths only (seed ${SEED})`, () => {
    const random = randomSource(SEED)
    const pieces = [
      '/',
      'http://',
      'https://',
      'a',
      '%',
      '%2f',
      '?',
      '#',
      '@',
      ':',
      '[',
      ']',
      '\\',
      '*',
      '..',
      ';',
    ]
    let paths = 0
    for (let round = 0; round < 20_000; round++) {
      const path = requestPath(openingRequest({}, { url: randomText(random, pieces, 8) }))
      if (path === undefined) continue
      paths++
      expect(path).toMatch(/^\/[^?# \t\r\n]*$/)
    }
    expect(paths).toBeGreaterThan(500)
  })
})
