import { describe, expect, it, vi } from 'vitest'
import {
  checkSubprotocolRule,
  chooseSubprotocol,
  readSubprotocols,
  type SubprotocolRule,
} from '../../src/handshake/subprotocol.ts'
import { PROTOTYPE_NAMES } from './hostile.ts'
import { openingRequest } from './request.ts'

const request = openingRequest()

describe('readSubprotocols', () => {
  it('reads no names where there is no header', () => {
    expect(readSubprotocols(undefined)).toEqual([])
  })

  it('keeps the names in the order and the case in which the client wrote them', () => {
    expect(readSubprotocols('v2.Chat, v1.chat,V1.chat')).toEqual(['v2.Chat', 'v1.chat', 'V1.chat'])
  })

  it.each([
    ['an empty header', ''],
    ['nothing but commas', ' , ,'],
    ['a repeated name', 'chat, mqtt, chat'],
    ['a name with a space', 'chat v1'],
    ['a name with a slash', 'chat/v1'],
    ['a quoted name', '"chat"'],
    ['a NUL', 'chat\0'],
  ])('calls %s malformed', (_what, header) => {
    expect(readSubprotocols(header)).toBeUndefined()
  })

  it('treats the names of Object.prototype as names (GHSA-5v72-xg48-5rpm)', () => {
    expect(readSubprotocols(PROTOTYPE_NAMES.join(', '))).toEqual(PROTOTYPE_NAMES)
  })
})

describe('chooseSubprotocol', () => {
  it('chooses none without a rule', () => {
    expect(chooseSubprotocol(['chat'], undefined, request)).toBeUndefined()
  })

  it('prefers the order of the server to that of the client', () => {
    expect(chooseSubprotocol(['v1', 'v2'], ['v3', 'v2', 'v1'], request)).toBe('v2')
  })

  it('chooses none when no name of the list was offered, not even in another case', () => {
    expect(chooseSubprotocol(['V1'], ['v1'], request)).toBeUndefined()
  })

  it('asks a function, which sees the offer and the request', () => {
    const rule = vi.fn(() => 'v1')
    expect(chooseSubprotocol(['v2', 'v1'], rule, request)).toBe('v1')
    expect(rule).toHaveBeenCalledExactlyOnceWith(['v2', 'v1'], request)
  })

  it.each([undefined, false] as const)('chooses none when the function returns %s', (answer) => {
    expect(chooseSubprotocol(['v1'], () => answer, request)).toBeUndefined()
  })

  it('does not ask the function when nothing was offered', () => {
    const rule = vi.fn(() => 'v1')
    expect(chooseSubprotocol([], rule, request)).toBeUndefined()
    expect(rule).not.toHaveBeenCalled()
  })

  it('throws when the function returns a name that was not offered', () => {
    expect(() => chooseSubprotocol(['v1'], () => 'v9', request)).toThrow(
      new TypeError(
        "subprotocols: the function returned 'v9', which the client did not offer; " +
          'return one of the offered names, or undefined for none (RFC 6455 §4.2.2)',
      ),
    )
  })

  it('throws when the function is asynchronous', () => {
    const rule = (async () => 'v1') as unknown as SubprotocolRule
    expect(() => chooseSubprotocol(['v1'], rule, request)).toThrow('returned a value of type object')
  })
})

describe('checkSubprotocolRule', () => {
  it.each([
    ['no rule', undefined],
    ['a list of tokens', ['chat', 'v1.chat', 'graphql-transport-ws']],
    ['an empty list', []],
    ['a function', () => undefined],
  ])('accepts %s', (_what, rule) => {
    expect(() => checkSubprotocolRule(rule)).not.toThrow()
  })

  it.each([
    ['a name with a space', ['chat v1'], "'chat v1' is not a token"],
    ['an empty name', [''], "'' is not a token"],
    ['a name with a line break', ['chat\r\nX: y'], 'is not a token'],
    ['a number', [1], 'a value of type number is not a token'],
    ['a name listed twice', ['chat', 'mqtt', 'chat'], "'chat' is listed twice; write it once"],
    ['a bare name', 'chat', "write ['chat']"],
    ['a bare list in one string', 'chat, mqtt', "write ['chat.v1']"],
    ['null', null, 'must be a list of names or a function'],
  ])('throws for %s', (_what, rule, message) => {
    const check = () => checkSubprotocolRule(rule as unknown as SubprotocolRule)
    expect(check).toThrow(TypeError)
    expect(check).toThrow(message)
  })
})
