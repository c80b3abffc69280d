import { describe, expect, it } from 'vitest'
import {
  acceptKeyOf,
  checkRefusal,
  checkRequest,
  checkResponse,
  formatHead,
  type Head,
  readHead,
  statusOf,
} from '../../driver/http-head.ts'

const KEY = 'dGhlIHNhbXBsZSBub25jZQ=='
const ACCEPT = 's3pPLMBiTxaQ9kYGzzhZRbK+xOo='

const head = (startLine: string, headers: Record<string, string | null>): Head =>
  readHead(formatHead(startLine, headers))!.head

const request = (changes: Record<string, string | null> = {}, startLine = 'GET /case HTTP/1.1') =>
  head(startLine, {
    host: 'localhost',
    upgrade: 'WebSocket',
    connection: 'keep-alive, Upgrade',
    'sec-websocket-key': KEY,
    'sec-websocket-version': '13',
    ...changes,
  })

const response = (changes: Record<string, string | null> = {}) =>
  head('HTTP/1.1 101 Switching Protocols', {
    upgrade: 'websocket',
    connection: 'Upgrade',
    'sec-websocket-accept': ACCEPT,
    ...changes,
  })

describe('a head', () => {
  it('is written without what is null, and read back with what follows it', () => {
    const bytes = Buffer.concat([formatHead('GET / HTTP/1.1', { A: '1', b: null }), Buffer.of(0x81)])
    expect(bytes.toString('latin1')).toBe('GET / HTTP/1.1\r\nA: 1\r\n\r\n\x81')
    expect(readHead(bytes)).toEqual({
      head: { startLine: 'GET / HTTP/1.1', headers: new Map([['a', '1']]) },
      rest: Buffer.of(0x81),
    })
  })

  it('is not there before its end is', () => {
    expect(readHead(Buffer.from('GET / HTTP/1.1\r\nA: 1\r\n'))).toBeUndefined()
  })

  it('joins what is sent more than once', () => {
    const read = readHead(Buffer.from('HTTP/1.1 200 OK\r\nA: 1\r\na:2 \r\n\r\n'))
    expect(read?.head.headers.get('a')).toBe('1, 2')
  })

  it('has names, and an end', () => {
    expect(() => readHead(Buffer.from('GET / HTTP/1.1\r\nnothing\r\n\r\n'))).toThrow('without a name')
    expect(() => readHead(Buffer.alloc(70_000, 'a'))).toThrow('without an end')
  })

  it('of a response has a status', () => {
    expect(statusOf(response())).toBe(101)
    expect(() => statusOf(head('HTTP/2 200', {}))).toThrow('a status line that is none')
  })
})

describe('an opening handshake', () => {
  it('has the accept key of RFC 6455 §1.3', () => {
    expect(acceptKeyOf(KEY)).toBe(ACCEPT)
  })

  it('is right on both sides', () => {
    expect(checkRequest(request())).toBe(KEY)
    expect(() => checkResponse(response(), KEY)).not.toThrow()
  })

  it.each([
    ['not GET with HTTP/1.1', request({}, 'POST / HTTP/1.1')],
    ['not GET with HTTP/1.1', request({}, 'GET / HTTP/1.0')],
    ['without Host', request({ host: null })],
    ['without Upgrade', request({ upgrade: 'h2c' })],
    ['without Connection', request({ connection: 'close' })],
    ['version 13', request({ 'sec-websocket-version': '12' })],
    ['16 bytes', request({ 'sec-websocket-key': 'AAAA' })],
  ])('is wrong in a request: %s', (rule, wrong) => {
    expect(() => checkRequest(wrong)).toThrow(rule)
  })

  it.each([
    ['without Upgrade', response({ upgrade: null })],
    ['without Connection', response({ connection: null })],
    ['a wrong accept key', response({ 'sec-websocket-accept': KEY })],
    ['a subprotocol nobody offered', response({ 'sec-websocket-protocol': 'chat' })],
  ])('is wrong in a response: %s', (rule, wrong) => {
    expect(() => checkResponse(wrong, KEY)).toThrow(rule)
  })

  it('is refused for its version by who says which version it speaks', () => {
    const without = head('HTTP/1.1 400 Bad Request', {})
    expect(() => checkRefusal(without, '12')).toThrow('without Sec-WebSocket-Version')
    expect(() => checkRefusal(without, '13')).not.toThrow()
    expect(() => checkRefusal(without, null)).not.toThrow()
    expect(() => checkRefusal(head('HTTP/1.1 426 ', { 'sec-websocket-version': '13' }), '12')).not.toThrow()
  })
})
