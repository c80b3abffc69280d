import { describe, expect, it } from 'vitest'
import { resolveWebSocketServerOptions } from '../../src/server/websocket-server-options.ts'
import { WebSocket } from '../../src/websocket/websocket.ts'
import { pages } from './servers.ts'

describe('resolveWebSocketServerOptions', () => {
  it('fills in what is left out', () => {
    expect(resolveWebSocketServerOptions({ port: 0 })).toEqual({
      port: 0,
      clientTracking: true,
      noServer: false,
      origin: 'same-origin',
      handshakeTimeout: 10_000,
      perMessageDeflate: false,
      WebSocket,
    })
  })

  it('takes undefined and null for left out', () => {
    const options = { noServer: true, port: null, server: undefined, verifyClient: null, origin: undefined }
    const resolved = resolveWebSocketServerOptions(options as never)
    expect(resolved).not.toHaveProperty('port')
    expect(resolved).not.toHaveProperty('verifyClient')
    expect(resolved.origin).toBe('same-origin')
  })

  it.each([
    {},
    { port: 0, noServer: true },
    { port: 0, server: pages() },
    { noServer: true, server: pages() },
    { noServer: false },
  ])('wants one of port, server and noServer, not %o', (options) => {
    expect(() => resolveWebSocketServerOptions(options)).toThrow(
      new TypeError('One and only one of the "port", "server", or "noServer" options must be specified'),
    )
  })

  it('refuses an origin rule that can never match', () => {
    expect(() => resolveWebSocketServerOptions({ noServer: true, origin: '*' })).toThrow(TypeError)
  })

  it.each([1, { treshold: 0 }])('refuses perMessageDeflate: %j', (perMessageDeflate) => {
    expect(() => resolveWebSocketServerOptions({ noServer: true, perMessageDeflate } as never)).toThrow(
      TypeError,
    )
  })
})
