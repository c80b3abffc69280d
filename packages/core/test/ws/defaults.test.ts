import { describe, expect, it } from 'vitest'
import { CLIENT_DEFAULTS, ourOptions, SERVER_DEFAULTS } from '../../src/ws/defaults.ts'
import type { ClientOptions, ServerOptions } from '../../src/ws/types.ts'

describe('ourOptions', () => {
  it('fills in the defaults of ws, for undefined and for null too', () => {
    const options: ServerOptions = { maxPayload: undefined, closeTimeout: null as never, autoPong: false }
    expect(ourOptions(options, SERVER_DEFAULTS)).toMatchObject({
      maxPayload: 104_857_600,
      maxFragments: 16_384,
      maxBufferedChunks: 262_144,
      maxPendingAutoPongs: 60,
      closeTimeout: 30_000,
      pingInterval: 0,
      autoPong: false,
      origin: 'dangerously-any',
      perMessageDeflate: false,
    })
  })

  it('offers permessage-deflate as a client, with contexts and at the level of ws', () => {
    expect(ourOptions<ClientOptions>({}, CLIENT_DEFAULTS).perMessageDeflate).toMatchObject({
      memory: 'per-connection',
      zlibDeflateOptions: { level: -1 },
    })
    expect(ourOptions<ClientOptions>({ perMessageDeflate: false }, CLIENT_DEFAULTS).perMessageDeflate).toBe(
      false,
    )
  })

  it('takes 0 fragments for no limit', () => {
    expect(ourOptions<ServerOptions>({ maxFragments: 0 }, SERVER_DEFAULTS).maxFragments).toBe(
      Number.POSITIVE_INFINITY,
    )
    expect(ourOptions<ServerOptions>({ maxFragments: 5 }, SERVER_DEFAULTS).maxFragments).toBe(5)
  })
})
