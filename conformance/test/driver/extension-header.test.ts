import { describe, expect, it } from 'vitest'
import {
  agreedParameters,
  formatExtension,
  isResponseTo,
  offeredParameters,
  parseExtensions,
} from '../../driver/extension-header.ts'

const only = (header: string) => parseExtensions(header)[0]!

describe('Sec-WebSocket-Extensions', () => {
  it('is written with its parameters', () => {
    expect(formatExtension({})).toBe('permessage-deflate')
    expect(formatExtension({ client_max_window_bits: true, server_max_window_bits: 10 })).toBe(
      'permessage-deflate; client_max_window_bits; server_max_window_bits=10',
    )
  })

  it('is read with several extensions, quoted values and any spacing', () => {
    expect(parseExtensions('a;b=1 ;c , d; e="x, y\\";z"')).toEqual([
      {
        name: 'a',
        parameters: [
          ['b', '1'],
          ['c', true],
        ],
      },
      { name: 'd', parameters: [['e', 'x, y";z']] },
    ])
    expect(parseExtensions('')).toEqual([])
  })
})

describe('an offer', () => {
  it('is read where all its parameters are valid', () => {
    expect(offeredParameters(only('permessage-deflate; client_max_window_bits'))).toEqual({
      client_max_window_bits: true,
    })
    expect(
      offeredParameters(only('permessage-deflate; server_max_window_bits="9"; server_no_context_takeover')),
    ).toEqual({ server_max_window_bits: 9, server_no_context_takeover: true })
  })

  it.each([
    'x-other',
    'permessage-deflate; unknown',
    'permessage-deflate; server_max_window_bits',
    'permessage-deflate; server_max_window_bits=08',
    'permessage-deflate; client_max_window_bits; client_max_window_bits=10',
  ])('is to be declined: %s', (header) => {
    expect(offeredParameters(only(header))).toBeUndefined()
  })
})

describe('a response', () => {
  it.each([
    ['x-other', 'an extension nobody offered'],
    ['permessage-deflate; unknown', 'an unknown parameter'],
    ['permessage-deflate; constructor', 'an unknown parameter'],
    ['permessage-deflate; server_max_window_bits=9; server_max_window_bits=9', 'a parameter twice'],
    ['permessage-deflate; client_max_window_bits', 'window bits of true'],
    ['permessage-deflate; server_max_window_bits=16', 'window bits of 16'],
    ['permessage-deflate; client_no_context_takeover=1', 'a value, 1, for a parameter that has none'],
  ])('breaks a rule: %s', (header, rule) => {
    expect(() => agreedParameters(only(header))).toThrow(rule)
  })

  it.each([
    ['permessage-deflate', 'permessage-deflate; server_no_context_takeover; server_max_window_bits=9', true],
    ['permessage-deflate; server_no_context_takeover', 'permessage-deflate', false],
    ['permessage-deflate; server_max_window_bits=10', 'permessage-deflate; server_max_window_bits=9', true],
    ['permessage-deflate; server_max_window_bits=10', 'permessage-deflate; server_max_window_bits=11', false],
    ['permessage-deflate; server_max_window_bits=10', 'permessage-deflate', false],
    ['permessage-deflate', 'permessage-deflate; client_max_window_bits=10', false],
    ['permessage-deflate; client_max_window_bits', 'permessage-deflate; client_max_window_bits=15', true],
    ['permessage-deflate; client_max_window_bits=9', 'permessage-deflate; client_max_window_bits=10', false],
    ['permessage-deflate; client_max_window_bits=9', 'permessage-deflate', true],
  ])('to %s may or may not be %s: %s', (offer, response, expected) => {
    expect(isResponseTo(offeredParameters(only(offer))!, agreedParameters(only(response)))).toBe(expected)
  })
})
