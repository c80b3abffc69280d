import { describe, expect, it } from 'vitest'
import { format, parse, toOffer } from '../../src/ws/extension.ts'

describe('a Sec-WebSocket-Extensions header', () => {
  it.each<[header: string, read: unknown]>([
    ['foo', { foo: [{}] }],
    ['foo; a; b=1; b="2", foo', { foo: [{ a: [true], b: ['1', '2'] }, {}] }],
    ['foo, bar; a', { foo: [{}], bar: [{ a: [true] }] }],
    ['hasOwnProperty; toString', { hasOwnProperty: [{ toString: [true] }] }],
  ])('%s is read by extension and by offer', (header, read) => {
    expect(parse(header)).toEqual(read)
  })

  it('is read into objects that inherit nothing', () => {
    const { foo } = parse('foo; a')
    expect([Object.getPrototypeOf(parse('foo')), Object.getPrototypeOf(foo[0])]).toEqual([null, null])
    expect(Object.entries(parse('__proto__; a=1'))).toEqual([['__proto__', [{ a: ['1'] }]]])
  })

  it.each(['', 'foo;', 'foo bar', 'foo; a=', 'foo; a="', 'f\u0000o'])('%j is refused', (header) => {
    expect(() => parse(header)).toThrow(SyntaxError)
  })

  it.each<[string, Parameters<typeof format>[0]]>([
    ['foo', { foo: {} }],
    ['foo; a; b=8', { foo: { a: true, b: 8 } }],
    ['foo; a; a=1, foo, bar', { foo: [{ a: [true, '1'] }, {}], bar: {} }],
  ])('says %s', (header, extensions) => {
    expect(format(extensions)).toBe(header)
  })

  it('says no name that would be another header', () => {
    expect(() => format({ 'foo\r\nEvil': {} })).toThrow('is not a token')
  })
})

describe('one offer', () => {
  it('has each parameter with its values', () => {
    expect(toOffer('foo', { a: true, b: [1, '2'] })).toEqual({
      name: 'foo',
      parameters: new Map<string, unknown>([
        ['a', [true]],
        ['b', ['1', '2']],
      ]),
    })
  })
})
