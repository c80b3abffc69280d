import { describe, expect, it } from 'vitest'
import { resolveClientOptions } from '../../src/client/client-options.ts'
import type { ClientOptions } from '../../src/websocket/client-options.ts'

const DEFAULTS = {
  subprotocols: [],
  handshakeTimeout: 10_000,
  maxHeaderSize: 16_384,
  followRedirects: false,
  maxRedirects: 10,
  redirectedCredentials: 'drop',
  protocolVersion: 13,
}

describe('the options of a client', () => {
  it.each([
    ['left out', undefined, undefined],
    ['empty', undefined, {}],
    ['in the second place', {}, undefined],
    [
      'undefined and null',
      undefined,
      { handshakeTimeout: undefined, agent: null as never, subprotocols: undefined },
    ],
  ])('have defaults: %s', (_what, protocols, options) => {
    expect(resolveClientOptions(protocols, options)).toEqual(DEFAULTS)
  })

  it.each([
    ['an argument', 'a', undefined, ['a']],
    ['a list', ['a', 'b'], undefined, ['a', 'b']],
    ['an option', undefined, { subprotocols: 'a' }, ['a']],
    ['an option under its name in ws', undefined, { protocols: ['a', 'b'] }, ['a', 'b']],
    ['an option in the second place', { subprotocols: ['a'] }, undefined, ['a']],
    ['an argument before an option', 'a', { subprotocols: 'b' }, ['a']],
  ] as const)('have subprotocols as %s', (_what, protocols, options, expected) => {
    expect(resolveClientOptions(protocols, options as ClientOptions).subprotocols).toEqual(expected)
  })

  it.each([
    null as unknown as string,
    '',
    'a b',
    'a,b',
    'a\r\nX: y',
    'a\0',
    'é',
    ['a', 'a'],
    ['a', ''],
    ['a', 1 as unknown as string],
  ])('refuse the subprotocols %j with a SyntaxError', (protocols) => {
    const error = new SyntaxError('An invalid or duplicated subprotocol was specified')
    expect(() => resolveClientOptions(protocols)).toThrow(error)
  })

  it.each([7, '13', 0])('refuse the version %j with a RangeError', (protocolVersion) => {
    const message = `Unsupported protocol version: ${protocolVersion} (supported versions: 8, 13)`
    const options = { protocolVersion } as unknown as ClientOptions
    expect(() => resolveClientOptions(undefined, options)).toThrow(new RangeError(message))
  })

  it.each([
    [{ handshakeTimeout: -1 }, 'Option handshakeTimeout must be a time in milliseconds, 0 for none, not -1'],
    [{ maxHeaderSize: 0 }, 'Option maxHeaderSize must be a number of bytes above 0, not 0'],
    [{ maxRedirects: -1 }, 'Option maxRedirects must be a number of redirects, not -1'],
    [{ redirectedCredentials: 'keep' }, "Option redirectedCredentials must be 'drop' or 'ask', not keep"],
    [{ dangerouslyIgnoreCertificate: 1 }, 'Option dangerouslyIgnoreCertificate must be true or false, not 1'],
    [
      { finishRequest: 1 },
      'Option finishRequest must be a function such as (request) => request.end(), not 1',
    ],
    [{ messages: 'all' }, "Option messages must be 'whole' or 'streamed', not all"],
    [{ onError: 1 }, 'Option onError must be a function such as (error, socket) => …, not 1'],
    [{ generateMask: 1 }, 'Option generateMask must be a function that fills a Buffer of 4 bytes, not 1'],
  ])('refuse %o with a TypeError', (options, message) => {
    expect(() => resolveClientOptions(undefined, options as ClientOptions)).toThrow(new TypeError(message))
  })

  it('take 0 as no deadline, and no more than a timer takes', () => {
    const timeouts = [0, Number.POSITIVE_INFINITY].map((handshakeTimeout) =>
      resolveClientOptions({ handshakeTimeout }),
    )
    expect(timeouts.map(({ handshakeTimeout }) => handshakeTimeout)).toEqual([0, 2 ** 31 - 1])
  })

  for (const name of ['auth', 'servername', 'localAddress'] as const) {
    it.each(['\r', '\n', '\0'])(`refuse ${name} with a %j in it (CVE-2026-1527)`, (character) => {
      expect(() => resolveClientOptions({ [name]: `a${character}b` })).toThrow(
        `Option ${name} must be one line`,
      )
    })
  }
})
