import { describe, expect, it, vi } from 'vitest'
import { quicken, termsFor } from '../../src/client/terms.ts'
import { BlockableTransport } from '../support/blockable-transport.ts'

describe('the terms of a connection that no route has opened', () => {
  it('have limits and a reception, the defaults where options say nothing', () => {
    const { settings } = termsFor('server', { closeTimeout: 20, autoPong: false })
    expect(settings.limits).toMatchObject({
      closeTimeout: 20,
      maxPayload: 1024 * 1024,
      maxFragments: 131_072,
    })
    expect(settings.reception).toMatchObject({ autoPong: false, skipUTF8Validation: false })
  })

  it.each(['maxPayload', 'maxFragments'] as const)('take 0 for no limit of %s, as ws does', (name) => {
    expect(termsFor('client', { [name]: 0 }).settings.limits[name]).toBe(Number.POSITIVE_INFINITY)
  })

  it('have masking keys for a client, of its own where it says so, and none for a server', () => {
    const generateMask = (key: Buffer) => void key.fill(1)
    const keyOf = (...how: Parameters<typeof termsFor>) => termsFor(...how).settings.nextMaskingKey?.()
    expect(keyOf('client', { generateMask })).toBe(0x01010101)
    expect(keyOf('client', {})).toEqual(expect.any(Number))
    expect(keyOf('server', { generateMask })).toBeUndefined()
  })

  it('share the memory of unfinished messages', () => {
    const [one, other] = [termsFor('client', {}), termsFor('server', {})]
    expect(one.settings.budget).toBe(other.settings.budget)
  })

  it('refuse options that cannot be used', () => {
    expect(() => termsFor('client', { maxPayload: -1 })).toThrow('Option maxPayload must be')
    expect(() => termsFor('client', { autoPong: 1 as never })).toThrow('Option autoPong must be')
  })
})

describe('a transport that serves a WebSocket', () => {
  it('sends at once and has no timeout', () => {
    const transport = Object.assign(new BlockableTransport(), { setTimeout: vi.fn(), setNoDelay: vi.fn() })
    quicken(transport)
    expect([transport.setTimeout.mock.calls, transport.setNoDelay.mock.calls]).toEqual([[[0]], [[true]]])
  })

  it('may have neither', () => {
    expect(() => quicken(new BlockableTransport())).not.toThrow()
  })
})
