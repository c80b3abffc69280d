import { describe, expect, it } from 'vitest'
import { readPluginOptions } from '../src/plugin-options.ts'

describe('the options of the plugin', () => {
  it('are those of routes, beside its own', () => {
    const read = readPluginOptions({ maxPayload: 5, shutdown: { deadline: 10 }, handshakeTimeout: 7 })
    expect(read).toMatchObject({
      routeDefaults: { maxPayload: 5 },
      shutdown: { deadline: 10 },
      handshakeTimeout: 7,
      clientTracking: true,
    })
  })

  it('may be in the words of the package ws; those of Upwire come first', () => {
    const verifyClient = () => true
    const read = readPluginOptions({
      maxPayload: 5,
      options: { maxPayload: 9, clientTracking: false, verifyClient },
    })
    expect(read).toMatchObject({ routeDefaults: { maxPayload: 5 }, clientTracking: false, verifyClient })
  })

  it('may hold what Fastify gives to every plugin', () => {
    expect(readPluginOptions({ prefix: '/v1', logLevel: 'warn' } as object).routeDefaults).toEqual({})
  })

  it.each([
    [{ erorHandler: () => {} }, /no option erorHandler; did you mean errorHandler/],
    [{ shutdown: { deadline: -1 } }, /deadline must be a time/],
    [{ errorHandler: 1 }, /^invalid errorHandler function$/],
    [{ preClose: {} }, /^invalid preClose function$/],
  ])('%j are refused', (options, message) => {
    expect(() => readPluginOptions(options as object)).toThrow(message)
  })
})
