import type { FastifyRequest } from 'fastify'
import { describe, expect, it } from 'vitest'
import { checkWsServerOptions, routeOptionsFrom } from '../src/ws-server-options.ts'

describe('the options of the package ws', () => {
  it('become those of routes', () => {
    expect(routeOptionsFrom({ maxPayload: 0, closeTimeout: 5, perMessageDeflate: true })).toEqual({
      maxPayload: Number.POSITIVE_INFINITY,
      closeTimeout: 5,
      perMessageDeflate: true,
    })
  })

  it('leave out what this engine has not, of permessage-deflate', () => {
    const given = {
      threshold: 5,
      concurrencyLimit: 2,
      zlibInflateOptions: {},
      serverNoContextTakeover: false,
    }
    expect(routeOptionsFrom({ perMessageDeflate: given })).toEqual({
      perMessageDeflate: { threshold: 5, serverNoContextTakeover: false, memory: 'per-connection' },
    })
  })

  it('give handleProtocols a set and the raw request', () => {
    const raw = { url: '/' }
    const seen: unknown[] = []
    const { subprotocols } = routeOptionsFrom({
      handleProtocols(protocols, request) {
        seen.push([...protocols], request)
        return 'b'
      },
    })
    if (typeof subprotocols !== 'function') throw new Error('There is no function')
    expect(subprotocols(['a', 'b'], { raw } as unknown as FastifyRequest)).toBe('b')
    expect(seen).toEqual([['a', 'b'], raw])
  })

  it.each(['path', 'autoPong', 'skipUTF8Validation'])('may have %s, without effect', (name) => {
    expect(() => checkWsServerOptions({ [name]: '/' })).not.toThrow()
  })

  it.each(['port', 'host', 'backlog', 'noServer', 'WebSocket'])('may not have %s', (name) => {
    expect(() => checkWsServerOptions({ [name]: 1 })).toThrow(
      `Option options.${name} is for a server of its own`,
    )
  })
})
