import { describe, expect, it } from 'vitest'
import { readAddress } from '../../src/client/address.ts'
import { resolveClientOptions } from '../../src/client/client-options.ts'
import { ownHeaders, redirectedHeaders, requestHeaders } from '../../src/client/request-headers.ts'
import type { ClientOptions } from '../../src/websocket/client-options.ts'
import { SAMPLE_KEY } from '../handshake/request.ts'

const ASKED = { key: SAMPLE_KEY, subprotocols: [], extensions: [] }
const HANDSHAKE = {
  'Sec-WebSocket-Version': 13,
  'Sec-WebSocket-Key': SAMPLE_KEY,
  Connection: 'Upgrade',
  Upgrade: 'websocket',
}
const DEFLATE = {
  name: 'permessage-deflate',
  parameters: new Map([['client_max_window_bits', [true] as const]]),
}

describe("the program's own headers", () => {
  it.each<[string, ClientOptions, string, object]>([
    ['none', {}, 'ws://a', {}],
    [
      'given',
      { headers: { 'X-A': ['1', '2'], Cookie: 'c', 'x-b': undefined } },
      'ws://a',
      { 'x-a': ['1', '2'], cookie: 'c' },
    ],
    ['auth', { auth: 'u:p' }, 'ws://a', { authorization: 'Basic dTpw' }],
    ['user info before auth', { auth: 'x:y' }, 'ws://u:p@a', { authorization: 'Basic dTpw' }],
    [
      'a header before both',
      { auth: 'x:y', headers: { Authorization: 'Z' } },
      'ws://u:p@a',
      { authorization: 'Z' },
    ],
  ])('are %s', (_what, options, address, expected) => {
    expect(ownHeaders(resolveClientOptions(options), readAddress(address))).toEqual(expected)
  })
})

describe('the headers of the request', () => {
  const build = (options: ClientOptions, asked = ASKED, own = {}) =>
    requestHeaders(own, asked, resolveClientOptions(options))

  it('are those of RFC 6455 §4.1, without an Origin, and no others can be put in their place', () => {
    expect(build({})).toEqual(HANDSHAKE)
    expect(build({}, ASKED, { 'x-a': '1' })).toEqual({ ...HANDSHAKE, 'x-a': '1' })
  })

  it('name the origin, in version 8 in a header of its own', () => {
    expect(build({ origin: 'https://a' })).toEqual({ ...HANDSHAKE, Origin: 'https://a' })
    expect(build({ origin: 'https://a', protocolVersion: 8 })).toEqual({
      ...HANDSHAKE,
      'Sec-WebSocket-Version': 8,
      'Sec-WebSocket-Origin': 'https://a',
    })
  })

  it('say what is asked for', () => {
    const asked = { ...ASKED, subprotocols: ['a', 'b'], extensions: [DEFLATE] }
    expect(requestHeaders({}, asked, resolveClientOptions({}))).toEqual({
      ...HANDSHAKE,
      'Sec-WebSocket-Protocol': 'a,b',
      'Sec-WebSocket-Extensions': 'permessage-deflate; client_max_window_bits',
    })
  })
})

describe('the headers that go along with a redirect', () => {
  const HEADERS = { authorization: 'A', cookie: 'C', 'proxy-authorization': 'P', host: 'h', 'x-a': '1' }
  const { host: _host, ...WITHOUT_HOST } = HEADERS

  it.each([
    ['on the same server', 'ws://a/b', 'ws://a/c', HEADERS],
    ['into TLS', 'ws://a', 'wss://a', HEADERS],
    ['out of TLS', 'wss://a', 'ws://a', { host: 'h', 'x-a': '1' }],
    ['to another host', 'ws://a', 'ws://b', { 'x-a': '1' }],
    ['to a subdomain', 'ws://a.example', 'ws://b.a.example', { 'x-a': '1' }],
    ['to another port', 'ws://a', 'ws://a:81', { 'x-a': '1' }],
    ['from 127.0.0.1 to localhost', 'ws://127.0.0.1', 'ws://localhost', { 'x-a': '1' }],
    ['from localhost to [::1]', 'ws://localhost', 'ws://[::1]', { 'x-a': '1' }],
    ['to a unix socket', 'ws://a', 'ws+unix:/a', { 'x-a': '1' }],
    ['from a unix socket', 'ws+unix:/a', 'ws://a', { 'x-a': '1' }],
    ['to another unix socket', 'ws+unix:/a', 'ws+unix:/b', { 'x-a': '1' }],
    ['on the same unix socket', 'ws+unix:/a:/b', 'ws+unix:/a:/c', HEADERS],
  ])('%s', (_what, from, to, expected) => {
    expect(redirectedHeaders(HEADERS, readAddress(from), readAddress(to), false)).toEqual(expected)
  })

  it('are all of them where somebody looks after them', () => {
    expect(redirectedHeaders(HEADERS, readAddress('wss://a'), readAddress('ws://b'), true)).toEqual(HEADERS)
  })

  it('have the user info of the new address, unless there is an Authorization', () => {
    const to = readAddress('ws://u:p@b')
    expect(redirectedHeaders({ 'x-a': '1' }, readAddress('ws://b'), to, false)).toEqual({
      'x-a': '1',
      authorization: 'Basic dTpw',
    })
    expect(redirectedHeaders(WITHOUT_HOST, readAddress('ws://b'), to, false)).toEqual(WITHOUT_HOST)
    expect(redirectedHeaders(HEADERS, readAddress('ws://a'), to, false)).toEqual({
      'x-a': '1',
      authorization: 'Basic dTpw',
    })
  })
})
