import { describe, expect, it } from 'vitest'
import { formatExtensions, readExtensionOffers } from '../../src/handshake/extension-offer.ts'
import { formatParameters, type Parameters, readParameters } from '../../src/permessage-deflate/parameters.ts'
import { PROTOTYPE_NAMES, randomText } from '../handshake/hostile.ts'
import { randomSource } from '../support/random-source.ts'
import { EVERY_WINDOW_BITS } from './samples.ts'

const SEED = 0x7692_0001

const NONE: Parameters = {
  serverNoContextTakeover: false,
  clientNoContextTakeover: false,
  serverMaxWindowBits: undefined,
  clientMaxWindowBits: undefined,
}

function read(header: string): Parameters | undefined {
  const [element] = readExtensionOffers(`permessage-deflate; ${header}`) ?? []
  if (element === undefined) throw new Error(`not a header: ${header}`)
  return readParameters(element)
}

describe('readParameters', () => {
  it('reads an element without parameters', () => {
    expect(readParameters({ name: 'permessage-deflate', parameters: new Map() })).toEqual(NONE)
  })

  it.each([
    ['server_no_context_takeover', { serverNoContextTakeover: true }],
    ['client_no_context_takeover', { clientNoContextTakeover: true }],
    ['client_max_window_bits', { clientMaxWindowBits: true }],
    ['client_max_window_bits="9"', { clientMaxWindowBits: 9 }],
    [
      'client_max_window_bits=8; server_max_window_bits=15; client_no_context_takeover; server_no_context_takeover',
      {
        serverNoContextTakeover: true,
        clientNoContextTakeover: true,
        serverMaxWindowBits: 15,
        clientMaxWindowBits: 8,
      },
    ],
  ])('reads %s', (header, parameters) => {
    expect(read(header)).toEqual({ ...NONE, ...parameters })
  })

  it.each(EVERY_WINDOW_BITS)('reads %d window bits', (bits) => {
    expect(read(`server_max_window_bits=${bits}; client_max_window_bits=${bits}`)).toEqual({
      ...NONE,
      serverMaxWindowBits: bits,
      clientMaxWindowBits: bits,
    })
  })

  it.each([
    ['an unknown parameter', 'server_max_windows_bits=10'],
    ['an unknown parameter beside a known one', 'client_max_window_bits; x'],
    ['a name in capitals', 'Server_No_Context_Takeover'],
    ['a repeated flag', 'server_no_context_takeover; server_no_context_takeover'],
    ['a repeated number', 'server_max_window_bits=10; server_max_window_bits=10'],
    ['a number with and without a value', 'client_max_window_bits; client_max_window_bits=10'],
    ['a flag with a value', 'server_no_context_takeover=true'],
    ['the other flag with a value', 'client_no_context_takeover=1'],
    ['server_max_window_bits without a value', 'server_max_window_bits'],
  ])('refuses %s', (_, header) => {
    expect(read(header)).toBeUndefined()
  })

  it.each([
    '7',
    '16',
    '0',
    '-8',
    '+8',
    '08',
    '008',
    '8.0',
    '1e1',
    '0x8',
    '10a',
    'a',
    '115',
    '150',
    '99999999999999999999',
  ])('CVE-2026-2229: refuses %s window bits before zlib could see them', (value) => {
    expect(read(`server_max_window_bits="${value}"`)).toBeUndefined()
    expect(read(`client_max_window_bits="${value}"`)).toBeUndefined()
  })

  it.each(PROTOTYPE_NAMES)('GHSA-5v72-xg48-5rpm: does not take %s for a parameter', (name) => {
    expect(read(name)).toBeUndefined()
    expect(read(`${name}=10`)).toBeUndefined()
  })

  it(`reads nothing but valid parameters, of 20,000 headers from seed ${SEED}`, () => {
    const random = randomSource(SEED)
    const pieces = [
      'permessage-deflate',
      'server_no_context_takeover',
      'client_no_context_takeover',
      'server_max_window_bits',
      'client_max_window_bits',
      ...['; ', '; ', '; ', '=', '=', ', ', '8', '9', '1', '15', '0', '"10"', '__proto__', 'toString'],
    ]
    const bits = [undefined, ...EVERY_WINDOW_BITS]
    let valid = 0
    for (let index = 0; index < 20_000; index++) {
      const header = `permessage-deflate; ${randomText(random, pieces, 8)}`
      for (const element of readExtensionOffers(header) ?? []) {
        const parameters = readParameters(element)
        if (parameters === undefined) continue
        valid++
        expect(bits, header).toContain(parameters.serverMaxWindowBits)
        expect([true, ...bits], header).toContain(parameters.clientMaxWindowBits)
        expect(readParameters(formatParameters(parameters)), header).toEqual(parameters)
      }
    }
    expect(valid).toBeGreaterThan(500)
  })
})

describe('formatParameters', () => {
  it.each([
    [NONE, 'permessage-deflate'],
    [{ ...NONE, clientMaxWindowBits: true as const }, 'permessage-deflate; client_max_window_bits'],
    [
      {
        serverNoContextTakeover: true,
        clientNoContextTakeover: true,
        serverMaxWindowBits: 9,
        clientMaxWindowBits: 15,
      },
      'permessage-deflate; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=9; ' +
        'client_max_window_bits=15',
    ],
  ])('says %o', (parameters, header) => {
    expect(formatExtensions([formatParameters(parameters)])).toBe(header)
  })
})
