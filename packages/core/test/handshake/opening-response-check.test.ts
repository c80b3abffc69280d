import { describe, expect, it } from 'vitest'
import { type Asked, readOpeningResponse } from '../../src/handshake/opening-response-check.ts'
import { HOSTILE_HEADERS, PROTOTYPE_NAMES, takesLinearTime } from './hostile.ts'
import { SAMPLE_ACCEPT, SAMPLE_KEY } from './request.ts'

const DEFLATE = { name: 'permessage-deflate', parameters: new Map() }
const NOTHING: Asked = { key: SAMPLE_KEY, subprotocols: [], extensions: [] }
const CHAT: Asked = { ...NOTHING, subprotocols: ['chat.v2', 'chat.v1'] }
const COMPRESSED: Asked = { ...NOTHING, extensions: [DEFLATE] }

const HEADERS = { upgrade: 'websocket', connection: 'Upgrade', 'sec-websocket-accept': SAMPLE_ACCEPT }

function read(
  changes: Record<string, string | undefined>,
  asked = NOTHING,
  statusCode: number | undefined = 101,
) {
  return readOpeningResponse({ statusCode, headers: { ...HEADERS, ...changes } }, asked)
}

describe('a 101', () => {
  it.each([
    ['as the RFC has it', {}],
    ['in other letters', { upgrade: 'WebSocket', connection: 'UPGRADE' }],
    ['with more in Connection', { connection: 'keep-alive, Upgrade' }],
    ['with spaces around the accept value', { 'sec-websocket-accept': ` ${SAMPLE_ACCEPT} ` }],
  ])('%s is taken', (_what, changes) => {
    expect(read(changes)).toEqual({ subprotocol: '', extensions: [] })
  })

  it.each([
    ['no Upgrade', { upgrade: undefined }, 'UPWIRE_BAD_RESPONSE_UPGRADE'],
    ['another Upgrade', { upgrade: 'h2c' }, 'UPWIRE_BAD_RESPONSE_UPGRADE'],
    ['two Upgrades', { upgrade: 'websocket, h2c' }, 'UPWIRE_BAD_RESPONSE_UPGRADE'],
    ['no Connection', { connection: undefined }, 'UPWIRE_BAD_RESPONSE_CONNECTION'],
    ['another Connection', { connection: 'close' }, 'UPWIRE_BAD_RESPONSE_CONNECTION'],
    ['no accept value', { 'sec-websocket-accept': undefined }, 'UPWIRE_BAD_RESPONSE_ACCEPT'],
    ['the key as accept value', { 'sec-websocket-accept': SAMPLE_KEY }, 'UPWIRE_BAD_RESPONSE_ACCEPT'],
    [
      'its accept value in small letters',
      { 'sec-websocket-accept': SAMPLE_ACCEPT.toLowerCase() },
      'UPWIRE_BAD_RESPONSE_ACCEPT',
    ],
    [
      'its accept value twice',
      { 'sec-websocket-accept': `${SAMPLE_ACCEPT}, ${SAMPLE_ACCEPT}` },
      'UPWIRE_BAD_RESPONSE_ACCEPT',
    ],
  ])('with %s fails with its code', (_what, changes, code) => {
    expect(read(changes)).toMatchObject({ name: 'ConnectError', code })
  })

  it('gives one of the subprotocols that were asked for', () => {
    expect(read({ 'sec-websocket-protocol': 'chat.v1' }, CHAT)).toMatchObject({ subprotocol: 'chat.v1' })
  })

  it.each([
    ['unasked', 'chat.v1', NOTHING, 'UPWIRE_UNASKED_SUBPROTOCOL'],
    ['empty and unasked', '', NOTHING, 'UPWIRE_UNASKED_SUBPROTOCOL'],
    ['absent', undefined, CHAT, 'UPWIRE_NO_SUBPROTOCOL'],
    ['unknown', 'chat.v3', CHAT, 'UPWIRE_UNKNOWN_SUBPROTOCOL'],
    ['in other letters', 'CHAT.V1', CHAT, 'UPWIRE_UNKNOWN_SUBPROTOCOL'],
    ['empty', '', CHAT, 'UPWIRE_UNKNOWN_SUBPROTOCOL'],
    ['more than one', 'chat.v1, chat.v2', CHAT, 'UPWIRE_UNKNOWN_SUBPROTOCOL'],
  ] as const)('with a subprotocol that is %s fails with its code', (_what, subprotocol, asked, code) => {
    expect(read({ 'sec-websocket-protocol': subprotocol }, asked)).toMatchObject({ code })
  })

  it.each(PROTOTYPE_NAMES)('with the subprotocol %s fails with its code', (subprotocol) => {
    expect(read({ 'sec-websocket-protocol': subprotocol }, CHAT)).toMatchObject({
      code: 'UPWIRE_UNKNOWN_SUBPROTOCOL',
    })
  })

  it('gives the extensions that were offered', () => {
    const header = 'permessage-deflate; server_max_window_bits=10'
    expect(read({ 'sec-websocket-extensions': header }, COMPRESSED)).toMatchObject({
      extensions: [{ name: 'permessage-deflate', parameters: new Map([['server_max_window_bits', ['10']]]) }],
    })
    expect(read({}, COMPRESSED)).toMatchObject({ extensions: [] })
  })

  it.each([
    ['unasked', 'permessage-deflate', NOTHING, 'UPWIRE_UNASKED_EXTENSION'],
    ['empty and unasked', '', NOTHING, 'UPWIRE_UNASKED_EXTENSION'],
    ['unknown', 'permessage-brotli', COMPRESSED, 'UPWIRE_UNKNOWN_EXTENSION'],
    ['unknown beside a known one', 'permessage-deflate, x', COMPRESSED, 'UPWIRE_UNKNOWN_EXTENSION'],
    ['malformed', 'permessage-deflate;', COMPRESSED, 'UPWIRE_BAD_RESPONSE_EXTENSIONS'],
    ['empty', '', COMPRESSED, 'UPWIRE_BAD_RESPONSE_EXTENSIONS'],
  ])('with an extension that is %s fails with its code', (_what, header, asked, code) => {
    expect(read({ 'sec-websocket-extensions': header }, asked)).toMatchObject({ code })
  })

  it.each(HOSTILE_HEADERS)('is read in linear time: %s', (_what, header) => {
    const reads = (value: string) =>
      read(
        { connection: value, 'sec-websocket-protocol': value, 'sec-websocket-extensions': value },
        COMPRESSED,
      )
    expect(takesLinearTime(reads, header)).toBe(true)
  })
})

describe('any other response', () => {
  it.each([200, 301, 401, 426, 500])('fails with its status: %i', (status) => {
    expect(read({}, NOTHING, status)).toMatchObject({ code: 'UPWIRE_UNEXPECTED_RESPONSE', status })
  })
})
