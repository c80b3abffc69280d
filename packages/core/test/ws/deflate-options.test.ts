import { describe, expect, it } from 'vitest'
import { resolvePerMessageDeflate } from '../../src/permessage-deflate/options.ts'
import { deflateOptions, type WsDeflateOptions } from '../../src/ws/deflate-options.ts'

const settingsOf = (options: Parameters<typeof deflateOptions>[0]) =>
  resolvePerMessageDeflate(deflateOptions(options))

describe('perMessageDeflate as ws has it', () => {
  it.each([false, undefined, null])('%s compresses nothing', (options) => {
    expect(deflateOptions(options)).toBe(false)
  })

  it.each<[string, true | WsDeflateOptions]>([
    ['true', true],
    ['an empty object', {}],
  ])("%s takes contexts over and compresses at zlib's own level, from 1024 bytes on", (_what, options) => {
    expect(settingsOf(options)).toEqual({
      serverNoContextTakeover: undefined,
      clientNoContextTakeover: undefined,
      serverMaxWindowBits: undefined,
      clientMaxWindowBits: true,
      threshold: 1024,
      level: -1,
      memLevel: 8,
    })
  })

  it('says what is on the wire, from where on to compress, and how hard', () => {
    const options: WsDeflateOptions = {
      serverNoContextTakeover: true,
      clientNoContextTakeover: false,
      serverMaxWindowBits: 10,
      clientMaxWindowBits: 9,
      threshold: 0,
      zlibDeflateOptions: { level: 9, memLevel: 4 },
    }
    const { zlibDeflateOptions, ...rest } = options
    expect(settingsOf(options)).toEqual({ ...rest, ...zlibDeflateOptions })
  })

  it('may hold what counts for nothing here', () => {
    const options: WsDeflateOptions = {
      concurrencyLimit: 5,
      maxPayload: 100,
      zlibInflateOptions: { chunkSize: 10 * 1024 },
      zlibDeflateOptions: { chunkSize: 1024, windowBits: 15, strategy: 0 },
      serverMaxWindowBits: true,
      clientMaxWindowBits: null,
    }
    expect(settingsOf(options)).toEqual(settingsOf(true))
  })

  it('is refused where it cannot be used, by the option', () => {
    expect(() => settingsOf({ threshold: -1 })).toThrow('Option perMessageDeflate.threshold must be')
  })
})
