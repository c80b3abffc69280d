import { constants, inflateRawSync } from 'node:zlib'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { Deflater, deflaterFor } from '../../src/permessage-deflate/deflater.ts'
import { Inflater } from '../../src/permessage-deflate/inflater.ts'
import { openDeflateContext } from '../../src/permessage-deflate/open-context.ts'
import { heldBytes } from '../support/held-bytes.ts'
import { bytes, EVERY_WINDOW_BITS, HELLO, sampleMessages } from './samples.ts'
import { wsPerMessageDeflate, wsRun } from './ws-deflate.ts'

vi.mock('../../src/permessage-deflate/open-context.ts', { spy: true })
afterEach(() => {
  vi.mocked(openDeflateContext).mockClear()
})

const SEED = 0x7692_0006
const SETTINGS = { threshold: 1024, level: 6, memLevel: 8 }
const TAKEOVER = { windowBits: 15, contextTakeover: true }
const NO_TAKEOVER = { windowBits: 15, contextTakeover: false }

describe('a deflater', () => {
  it('RFC 7692 §7.2.3.1: compresses a message', () => {
    expect(new Deflater(NO_TAKEOVER, SETTINGS).deflate(HELLO)).toEqual(bytes('f2 48 cd c9 c9 07 00'))
  })

  it('RFC 7692 §7.2.3.2: refers to the message before with context takeover', () => {
    const deflater = new Deflater(TAKEOVER, SETTINGS)
    expect(deflater.deflate(HELLO)).toEqual(bytes('f2 48 cd c9 c9 07 00'))
    expect(deflater.deflate(HELLO)).toEqual(bytes('f2 00 11 00 00'))
  })

  it('refers to nothing before without', () => {
    const deflater = new Deflater(NO_TAKEOVER, SETTINGS)
    for (let count = 0; count < 3; count++) {
      expect(deflater.deflate(HELLO)).toEqual(bytes('f2 48 cd c9 c9 07 00'))
    }
  })

  it('RFC 7692 §7.2.3.3: can leave the text as it is', () => {
    const deflater = new Deflater(NO_TAKEOVER, { ...SETTINGS, level: 0 })
    expect(deflater.deflate(HELLO)).toEqual(bytes('00 05 00 fa ff 48 65 6c 6c 6f 00'))
  })

  it.each([TAKEOVER, NO_TAKEOVER])(
    'RFC 7692 §7.2.3.6: makes one byte of an empty message, with %o',
    (compression) => {
      const deflater = new Deflater(compression, SETTINGS)
      expect(deflater.deflate(Buffer.alloc(0))).toEqual(bytes('00'))
      deflater.deflate(HELLO)
      const empty = deflater.deflate(Buffer.alloc(0))
      expect(empty).toEqual(bytes('00'))
      // A client masks what it sends where it lies.
      empty.fill(0xff)
      expect(deflater.deflate(Buffer.alloc(0))).toEqual(bytes('00'))
    },
  )

  it.each([TAKEOVER, NO_TAKEOVER])(
    'leaves the tail on a fragment that is not the last, with %o',
    (compression) => {
      const deflater = new Deflater(compression, SETTINGS)
      expect(deflater.deflate(Buffer.from('Hel'), false).subarray(-4)).toEqual(bytes('00 00 ff ff'))
      expect(deflater.deflate(Buffer.alloc(0), false)).toHaveLength(0)
      expect(deflater.deflate(Buffer.from('lo')).subarray(-4)).not.toEqual(bytes('00 00 ff ff'))
    },
  )

  it.each([TAKEOVER, NO_TAKEOVER])(
    'makes one message of fragments cut at every byte, with %o',
    (compression) => {
      const [message] = sampleMessages(SEED)
      const deflater = new Deflater(compression, SETTINGS)
      const inflater = new Inflater(compression)
      for (let at = 0; at <= message.length; at++) {
        const fragments = [
          deflater.deflate(message.subarray(0, at), false),
          deflater.deflate(Buffer.alloc(0), false),
          deflater.deflate(message.subarray(at)),
        ]
        expect(inflater.inflate(Buffer.concat(fragments), message.length)).toEqual(message)
      }
    },
  )

  it('compresses any view, and does not change it', () => {
    const message = new Uint16Array([0x6548, 0x6c6c, 0x006f])
    const view = new Uint8Array(message.buffer, 0, 5)
    expect(new Deflater(NO_TAKEOVER, SETTINGS).deflate(view)).toEqual(bytes('f2 48 cd c9 c9 07 00'))
    expect(Buffer.from(view)).toEqual(HELLO)
  })

  it('has its threshold, but for contexts that are taken over', () => {
    expect(new Deflater(NO_TAKEOVER, SETTINGS).threshold).toBe(1024)
    expect(new Deflater(TAKEOVER, SETTINGS).threshold).toBe(0)
  })

  it('makes its context with the first message', () => {
    const deflater = new Deflater(TAKEOVER, SETTINGS)
    deflater.deflate(Buffer.alloc(0))
    deflater.close()
    expect(openDeflateContext).not.toHaveBeenCalled()
    deflater.deflate(HELLO)
    deflater.deflate(HELLO)
    expect(openDeflateContext).toHaveBeenCalledOnce()
    deflater.close()
  })

  it('holds less than 1 KiB for a connection that has sent nothing', () => {
    const count = 1000
    const before = heldBytes()
    const deflaters = Array.from({ length: count }, () => new Deflater(TAKEOVER, SETTINGS))
    expect((heldBytes() - before) / count).toBeLessThan(1024)
    expect(deflaters).toHaveLength(count)
  })

  it('frees its context when it is closed, once', () => {
    const deflater = new Deflater(TAKEOVER, SETTINGS)
    deflater.deflate(HELLO)
    const [{ value: context }] = vi.mocked(openDeflateContext).mock.results
    const close = vi.spyOn(context, 'close')
    deflater.close()
    deflater.close()
    expect(close).toHaveBeenCalledOnce()
  })

  it.each(EVERY_WINDOW_BITS)('is read by zlib with a window of %d bits', (windowBits) => {
    const deflater = new Deflater({ windowBits, contextTakeover: false }, { ...SETTINGS, level: 9 })
    for (const message of sampleMessages(SEED)) {
      const payload = deflater.deflate(message)
      const text = inflateRawSync(payload, { windowBits, finishFlush: constants.Z_SYNC_FLUSH, chunkSize: 64 })
      expect(text.equals(message)).toBe(true)
    }
  })

  it.each(EVERY_WINDOW_BITS.flatMap((bits) => [true, false].map((takeover) => [bits, takeover] as const)))(
    'is read by ws with a window of %d bits, with context takeover: %s',
    async (windowBits, contextTakeover) => {
      const ws = wsPerMessageDeflate({ isServer: true })
      ws.params = { client_max_window_bits: windowBits, client_no_context_takeover: !contextTakeover }
      const deflater = new Deflater({ windowBits, contextTakeover }, SETTINGS)
      for (const message of sampleMessages(SEED)) {
        const text = await wsRun(ws, 'decompress', deflater.deflate(message))
        expect(text.equals(message)).toBe(true)
      }
      ws.cleanup()
      deflater.close()
    },
  )
})

describe('deflaterFor', () => {
  it('gives connections without context takeover one deflater for each window and settings', () => {
    const deflater = deflaterFor(NO_TAKEOVER, SETTINGS)
    expect(deflaterFor({ ...NO_TAKEOVER }, { ...SETTINGS })).toBe(deflater)
    const others = [
      deflaterFor({ ...NO_TAKEOVER, windowBits: 14 }, SETTINGS),
      deflaterFor(NO_TAKEOVER, { ...SETTINGS, level: 5 }),
      deflaterFor(NO_TAKEOVER, { ...SETTINGS, memLevel: 7 }),
      deflaterFor(NO_TAKEOVER, { ...SETTINGS, threshold: 0 }),
    ]
    expect(new Set([deflater, ...others]).size).toBe(5)
  })

  it('gives each connection with context takeover a deflater of its own', () => {
    expect(deflaterFor(TAKEOVER, SETTINGS)).not.toBe(deflaterFor(TAKEOVER, SETTINGS))
  })

  it('keeps the context that connections share when one of them closes', () => {
    const settings = { ...SETTINGS, level: 2 }
    deflaterFor(NO_TAKEOVER, settings).deflate(HELLO)
    deflaterFor(NO_TAKEOVER, settings).close()
    deflaterFor(NO_TAKEOVER, settings).deflate(HELLO)
    expect(openDeflateContext).toHaveBeenCalledOnce()
  })
})
