import { describe, expect, it } from 'vitest'
import { resolvePerMessageDeflate } from '../../src/permessage-deflate/options.ts'
import { wsExtensions, wsOrigin, wsRefusalOf, wsRejection } from '../../src/server/ws-handshake.ts'
import { openingRequest } from '../handshake/request.ts'

describe('wsRefusalOf', () => {
  it.each(['13', '8'])('finds nothing wrong with a handshake of version %s', (version) => {
    expect(wsRefusalOf(openingRequest({ 'sec-websocket-version': version }))).toBeUndefined()
  })

  it('takes a version that is a number', () => {
    expect(wsRefusalOf(openingRequest({ 'sec-websocket-version': 13 as never }))).toBeUndefined()
  })

  it.each([
    [405, 'Invalid HTTP method', {}, 'POST'],
    [400, 'Invalid Upgrade header', { upgrade: undefined }],
    [400, 'Invalid Upgrade header', { upgrade: 'h2c' }],
    [400, 'Missing or invalid Sec-WebSocket-Key header', { 'sec-websocket-key': undefined }],
    [400, 'Missing or invalid Sec-WebSocket-Key header', { 'sec-websocket-key': 'P5l8xLzQ==' }],
    [400, 'Missing or invalid Sec-WebSocket-Version header', { 'sec-websocket-version': undefined }],
    [400, 'Missing or invalid Sec-WebSocket-Version header', { 'sec-websocket-version': '12' }],
    [400, 'Invalid Sec-WebSocket-Protocol header', { 'sec-websocket-protocol': 'a,,a' }],
    [400, 'Invalid Sec-WebSocket-Protocol header', { 'sec-websocket-protocol': '' }],
  ])('says %d, %s, to %j', (status, message, headers, method = 'GET') => {
    expect(wsRefusalOf(openingRequest(headers, { method }))).toMatchObject({ status, message })
  })

  it('names the versions it knows to who uses another', () => {
    const refusal = wsRefusalOf(openingRequest({ 'sec-websocket-version': '12' }))
    expect(refusal?.headers).toEqual({ 'Sec-WebSocket-Version': '13, 8' })
  })
})

describe('wsExtensions', () => {
  const settings = resolvePerMessageDeflate({ memory: 'per-connection', serverMaxWindowBits: 10 })
  const request = (offers?: string) => openingRequest({ 'sec-websocket-extensions': offers })

  it('accepts permessage-deflate', () => {
    expect(wsExtensions(request('permessage-deflate'), settings)).toMatchObject({
      extensions: 'permessage-deflate; server_max_window_bits=10',
    })
  })

  it.each([undefined, 'x-unknown', 'x-unknown; a=1, x-other'])('declines %s', (offers) => {
    expect(wsExtensions(request(offers), settings)).toEqual({})
  })

  it.each([
    'permessage-deflate; server_max_window_bits=foo',
    'permessage-deflate; server_max_window_bits=8; server_max_window_bits=8',
    'permessage-deflate; a="',
    ',',
  ])('refuses %s with 400', (offers) => {
    expect(wsExtensions(request(offers), settings)).toEqual({
      status: 400,
      message: 'Invalid or unacceptable Sec-WebSocket-Extensions header',
    })
  })

  it('reads no offers where it does not compress', () => {
    expect(wsExtensions(request('permessage-deflate; a="'), undefined)).toEqual({})
  })
})

describe('wsRejection', () => {
  it('is a page of the message', () => {
    expect(wsRejection(401, 'Sign in', { 'WWW-Authenticate': 'Bearer', 'Retry-After': 5 })).toEqual({
      status: 401,
      headers: [
        ['Content-Type', 'text/html'],
        ['WWW-Authenticate', 'Bearer'],
        ['Retry-After', '5'],
      ],
      body: 'Sign in',
    })
  })

  it('has one type, the given one where there is one', () => {
    expect(wsRejection(401, '{}', { 'content-type': 'application/json' }).headers).toEqual([
      ['content-type', 'application/json'],
    ])
  })

  it('says the name of the status without a message', () => {
    expect(wsRejection(403)).toEqual({
      status: 403,
      headers: [['Content-Type', 'text/html']],
      body: 'Forbidden',
    })
  })
})

describe('wsOrigin', () => {
  it.each([
    ['13', { origin: 'https://a.example', 'sec-websocket-origin': 'https://b.example' }, 'https://a.example'],
    ['8', { origin: 'https://a.example', 'sec-websocket-origin': 'https://b.example' }, 'https://b.example'],
    ['13', {}, undefined],
    ['8', { origin: 'https://a.example' }, undefined],
  ])('of version %s with %j is %s', (version, headers, origin) => {
    expect(wsOrigin(openingRequest({ ...headers, 'sec-websocket-version': version }))).toBe(origin)
  })
})
