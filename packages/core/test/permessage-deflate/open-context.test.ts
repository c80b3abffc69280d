import { constants, inflateRawSync, type ZlibOptions } from 'node:zlib'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { LastingDeflateContext, LastingInflateContext } from '../../src/permessage-deflate/lasting-context.ts'
import {
  contextsLast,
  openDeflateContext,
  openInflateContext,
} from '../../src/permessage-deflate/open-context.ts'
import { collect, Output } from '../../src/permessage-deflate/output.ts'
import { brokenRule } from '../support/broken-rule.ts'
import { farthestDistance } from './farthest-distance.ts'
import { EVERY_WINDOW_BITS, sampleMessages } from './samples.ts'

const SEED = 0x7692_0005
const LEVEL = { level: 9, memLevel: 8 }
const messages = sampleMessages(SEED).filter(({ length }) => length > 0)

describe('a context', () => {
  it('lasts on this release of Node', () => {
    expect(contextsLast()).toBe(true)
    const compression = { windowBits: 15, contextTakeover: true }
    expect(openDeflateContext(compression, LEVEL)).toBeInstanceOf(LastingDeflateContext)
    expect(openInflateContext(compression)).toBeInstanceOf(LastingInflateContext)
  })

  it.each(EVERY_WINDOW_BITS)(
    'RFC 7692 §7.1.2: with %d window bits refers no farther back than these allow',
    (bits) => {
      const context = openDeflateContext({ windowBits: bits, contextTakeover: true }, LEVEL)
      const farthest = Math.max(...messages.map((message) => farthestDistance(context.deflate(message))))
      expect(farthest).toBeLessThanOrEqual(2 ** bits)
      if (bits > 8) expect(farthest).toBeGreaterThan(2 ** (bits - 2))
    },
  )

  it('of 8 window bits, which zlib does not have, refers to the byte before alone', () => {
    const context = openDeflateContext({ windowBits: 8, contextTakeover: true }, LEVEL)
    const blocks = messages.map((message) => context.deflate(message))
    expect(Math.max(...blocks.map(farthestDistance))).toBe(1)
    expect(blocks[4].length).toBeLessThan(messages[4].length / 2)
  })

  it.each(EVERY_WINDOW_BITS.flatMap((bits) => [true, false].map((takeover) => [bits, takeover] as const)))(
    'of %d window bits is read by the other, with context takeover: %s',
    (windowBits, contextTakeover) => {
      const compression = { windowBits, contextTakeover }
      const deflate = openDeflateContext(compression, LEVEL)
      const inflate = openInflateContext(compression)
      for (const message of messages) {
        const text = collect(message.length, (output) => {
          inflate.push(deflate.deflate(message).subarray(0, -4), output)
          inflate.end(output)
        })
        expect(text.equals(message)).toBe(true)
      }
    },
  )
})

describe('openDeflateContext', () => {
  it('compresses as the level and the memLevel say', () => {
    const compression = { windowBits: 15, contextTakeover: false }
    const size = (options: ZlibOptions) =>
      openDeflateContext(compression, options).deflate(messages[5]).length
    expect(size({ level: 0, memLevel: 8 })).toBeGreaterThan(messages[5].length)
    expect(size({ level: 9, memLevel: 8 })).toBeLessThan(size({ level: 1, memLevel: 8 }))
    expect(size({ level: 9, memLevel: 8 })).toBeLessThan(size({ level: 9, memLevel: 1 }))
  })
})

describe('openInflateContext', () => {
  it('has the window that was agreed on, and no larger one', () => {
    const start = Buffer.from('abcdefghijklmnop')
    const deflate = openDeflateContext({ windowBits: 15, contextTakeover: true }, LEVEL)
    const payloads = [Buffer.concat([start, messages[2]]), start].map((message) => deflate.deflate(message))
    for (const [windowBits, problem] of [
      [15, undefined],
      [9, 'Z_DATA_ERROR'],
    ] as const) {
      const inflate = openInflateContext({ windowBits, contextTakeover: true })
      const inflateAll = () => {
        for (const payload of payloads) inflate.push(payload, new Output(10_000, () => {}))
      }
      expect(brokenRule(inflateAll)).toBe(problem)
    }
  })
})

describe('where contexts cannot last', () => {
  afterEach(() => {
    vi.doUnmock('../../src/permessage-deflate/sync-stream.ts')
    vi.resetModules()
  })

  it('there is one for each message, by documented calls alone', async () => {
    const SyncStream = vi.fn()
    vi.resetModules()
    vi.doMock('../../src/permessage-deflate/sync-stream.ts', () => ({
      hasSyncStreams: () => false,
      SyncStream,
    }))
    const mocked = await import('../../src/permessage-deflate/open-context.ts')
    expect(mocked.contextsLast()).toBe(false)
    for (const windowBits of [8, 9, 15]) {
      const compression = { windowBits, contextTakeover: true }
      const deflate = mocked.openDeflateContext(compression, LEVEL)
      const inflate = mocked.openInflateContext(compression)
      for (const message of messages) {
        const blocks = deflate.deflate(message)
        const text = collect(message.length, (output) => {
          inflate.push(blocks.subarray(0, -4), output)
          inflate.end(output)
        })
        expect(text.equals(message)).toBe(true)
      }
    }
    expect(SyncStream).not.toHaveBeenCalled()
  })
})

describe('the distances of blocks', () => {
  it('are told as inflating with a smaller window tells them', () => {
    const context = openDeflateContext({ windowBits: 12, contextTakeover: false }, LEVEL)
    const blocks = context.deflate(messages[3])
    expect(farthestDistance(blocks)).toBeGreaterThan(512)
    const options = { finishFlush: constants.Z_SYNC_FLUSH, chunkSize: 64 }
    expect(inflateRawSync(blocks, { ...options, windowBits: 12 }).equals(messages[3])).toBe(true)
    expect(() => inflateRawSync(blocks, { ...options, windowBits: 9 })).toThrow(
      'invalid distance too far back',
    )
  })
})
