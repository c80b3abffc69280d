import { describe, expect, it } from 'vitest'
import { parse } from '../../src/ws/subprotocol.ts'

describe('a Sec-WebSocket-Protocol header', () => {
  it('is read into a set of names, in their order', () => {
    expect(parse('foo, bar ,baz')).toEqual(new Set(['foo', 'bar', 'baz']))
  })

  it.each(['', 'foo, foo', 'foo bar', 'foo;', ',', 'f\u0000o'])('%j is refused', (header) => {
    expect(() => parse(header)).toThrow(SyntaxError)
  })
})
