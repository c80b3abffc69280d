import { describe, expect, it } from 'vitest'
import { checkRouteOptions, resolveRouteOptions } from '../../src/routing/route-options.ts'
import { DEFAULT_LIMITS } from '../../src/websocket/limits.ts'

describe('resolveRouteOptions', () => {
  it('has a safe default for every option', () => {
    expect(resolveRouteOptions()).toEqual({
      limits: DEFAULT_LIMITS,
      subprotocols: undefined,
      origin: 'same-origin',
      maxConnections: undefined,
      handshakeTimeout: 10_000,
      data: undefined,
    })
  })

  it('takes what a route leaves out from the defaults of its router', () => {
    const defaults = {
      maxPayload: 1,
      pingInterval: 2,
      origin: 'dangerously-any',
      handshakeTimeout: 3,
    } as const
    const { limits, origin, handshakeTimeout } = resolveRouteOptions(
      { maxPayload: 9, origin: undefined },
      defaults,
    )
    expect(limits).toMatchObject({ maxPayload: 9, pingInterval: 2 })
    expect(origin).toBe('dangerously-any')
    expect(handshakeTimeout).toBe(3)
  })

  it('leaves the connections of a router to be counted by the router', () => {
    expect(resolveRouteOptions({}, { maxConnections: 5 }).maxConnections).toBeUndefined()
    expect(resolveRouteOptions({ maxConnections: 2 }, { maxConnections: 5 }).maxConnections).toBe(2)
  })

  it('refuses defaults that a route could not have', () => {
    expect(() => resolveRouteOptions({}, { maxPayload: 0 })).toThrow(TypeError)
  })
})

describe('checkRouteOptions', () => {
  it.each([
    {},
    { maxPayload: undefined },
    { perMessageDeflate: false },
    { perMessageDeflate: true },
    { perMessageDeflate: { memory: 'per-connection', threshold: 0, serverMaxWindowBits: 9 } },
    { messages: 'whole' },
    { messages: 'streamed' },
    { handshakeTimeout: 0 },
    { handshakeTimeout: Number.POSITIVE_INFINITY },
    { data: () => 1 },
    { subprotocols: ['chat.v1'], origin: 'https://app.example', maxConnections: { perAddress: 5 } },
  ])('accepts %j', (options) => {
    expect(() => checkRouteOptions(options)).not.toThrow()
  })

  it.each([
    [undefined, 'The options must be an object such as { maxPayload: 65536 }'],
    [null, 'The options must be an object'],
    [[], 'The options must be an object'],
    ['64kb', 'The options must be an object'],
    [{ maxPayLoad: 5 }, 'There is no option maxPayLoad; did you mean maxPayload?'],
    [{ subProtocol: [] }, 'There is no option subProtocol; did you mean subprotocols?'],
    [
      { verifyClient() {} },
      'There is no option verifyClient; there are subprotocols, origin, maxConnections',
    ],
    [{ maxPayload: '64kb' }, 'Option maxPayload must be'],
    [{ subprotocols: 'chat.v1' }, "subprotocols: must be a list of names or a function; write ['chat.v1']"],
    [{ origin: '*' }, "origin: '*' lets any page on the web in"],
    [{ maxConnections: 0 }, 'Option maxConnections must be a number above 0'],
    [{ handshakeTimeout: -1 }, 'Option handshakeTimeout must be a time in milliseconds, 0 for none, not -1'],
    [
      { handshakeTimeout: '10s' },
      'Option handshakeTimeout must be a time in milliseconds, 0 for none, not 10s',
    ],
    [{ data: { user: 'ada' } }, 'Option data must be a function; write data: () => ({"user":"ada"})'],
    [{ perMessageDeflate: { serverMaxWindowBits: 7 } }, 'a whole number from 8 to 15'],
    [{ perMessageDeflate: 'yes' }, 'perMessageDeflate'],
    [{ messages: true }, "Option messages must be 'whole' or 'streamed', not true"],
  ])('refuses %j', (options, message) => {
    expect(() => checkRouteOptions(options)).toThrow(TypeError)
    expect(() => checkRouteOptions(options)).toThrow(message)
  })
})
