import { constants, createDeflateRaw, createInflateRaw, deflateRawSync, inflateRawSync } from 'node:zlib'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { collect, Output } from '../../src/permessage-deflate/output.ts'
import { hasSyncStreams, SyncStream } from '../../src/permessage-deflate/sync-stream.ts'
import { brokenRule } from '../support/broken-rule.ts'
import { randomSource } from '../support/random-source.ts'
import { bytes, HELLO } from './samples.ts'

const SEED = 0x7692_0004
const KIB = 1024
const SCRATCH_BYTES = 64 * KIB
const ENDLESS = Number.POSITIVE_INFINITY

const run = (stream: SyncStream, input: Uint8Array, maxBytes = ENDLESS) =>
  collect(maxBytes, (output) => stream.run(input, output))

function noise(length: number): Buffer {
  const random = randomSource(SEED)
  return Buffer.from(Array.from({ length }, () => random() * 256))
}

describe('a sync stream', () => {
  it('deflates and flushes in one call', () => {
    const stream = new SyncStream(createDeflateRaw())
    expect(run(stream, HELLO)).toEqual(bytes('f2 48 cd c9 c9 07 00 00 00 ff ff'))
    expect(run(stream, HELLO)).toEqual(bytes('f2 00 11 00 00 00 00 ff ff'))
    stream.close()
  })

  it('refers to nothing before a full flush, where it is told to flush so', () => {
    const stream = new SyncStream(createDeflateRaw(), constants.Z_FULL_FLUSH)
    expect(run(stream, HELLO)).toEqual(bytes('f2 48 cd c9 c9 07 00 00 00 ff ff'))
    expect(run(stream, HELLO)).toEqual(bytes('f2 48 cd c9 c9 07 00 00 00 ff ff'))
    stream.close()
  })

  it('inflates in one call', () => {
    const stream = new SyncStream(createInflateRaw())
    expect(run(stream, bytes('f2 48 cd c9 c9 07 00 00 00 ff ff'))).toEqual(HELLO)
    expect(run(stream, bytes('f2 00 11 00 00 00 00 ff ff'))).toEqual(HELLO)
    stream.close()
  })

  it('gives output that is its own', () => {
    const stream = new SyncStream(createDeflateRaw())
    const first = run(stream, HELLO)
    const kept = Buffer.from(first)
    run(stream, noise(1000))
    expect(first).toEqual(kept)
  })

  it('forgets with reset', () => {
    const stream = new SyncStream(createDeflateRaw())
    const first = run(stream, HELLO)
    stream.reset()
    expect(run(stream, HELLO)).toEqual(first)
  })

  it('returns how much it took, up to a final block', () => {
    const stream = new SyncStream(createInflateRaw())
    const output = new Output(10, () => {})
    expect(stream.run(bytes('f3 48 cd c9 c9 07 00 aa bb'), output)).toBe(7)
    expect(stream.run(bytes('aa bb'), output)).toBe(0)
    stream.reset()
    expect(stream.run(bytes('f2 48 cd c9 c9 07 00'), output)).toBe(7)
  })

  it.each([-7, -6, -5, -4, -1, 0, 1])('deflates what takes the whole scratch buffer and %d bytes', (more) => {
    // Without compression, each 65,535 bytes get 5 more; the flush adds 5.
    for (const whole of [1, 2]) {
      const message = noise(whole * SCRATCH_BYTES - 5 * (whole + 1) + more)
      const blocks = run(new SyncStream(createDeflateRaw({ level: 0 })), message)
      expect(blocks.subarray(-4)).toEqual(bytes('00 00 ff ff'))
      expect(run(new SyncStream(createInflateRaw()), blocks).equals(message)).toBe(true)
    }
  })

  it.each([-1, 0, 1])('inflates the size of its scratch buffer and %d bytes', (more) => {
    for (const whole of [1, 2, 3]) {
      const message = noise(whole * SCRATCH_BYTES + more)
      const stream = new SyncStream(createInflateRaw())
      expect(run(stream, deflateRawSync(message)).equals(message)).toBe(true)
    }
  })

  it('inflates one byte too many and no more', () => {
    const sizes: number[] = []
    const output = new Output(1000, () => {})
    const add = vi.spyOn(output, 'add').mockImplementation((part) => {
      sizes.push(part.length)
      throw new Error('full')
    })
    const stream = new SyncStream(createInflateRaw())
    expect(() => stream.run(deflateRawSync(Buffer.alloc(KIB * KIB)), output)).toThrow('full')
    expect(add).toHaveBeenCalledOnce()
    expect(sizes).toEqual([1001])
  })

  it('throws a ProtocolError for what cannot be inflated, until it is reset', () => {
    const stream = new SyncStream(createInflateRaw())
    expect(brokenRule(() => run(stream, bytes('ff ff')))).toBe('Z_DATA_ERROR')
    expect(brokenRule(() => run(stream, bytes('f2 48 cd c9 c9 07 00')))).toBe('Z_DATA_ERROR')
    stream.reset()
    expect(run(stream, bytes('f2 48 cd c9 c9 07 00'))).toEqual(HELLO)
  })

  it('neither emits an error nor leaves one unhandled', async () => {
    const zlib = createInflateRaw()
    const errors: unknown[] = []
    zlib.on('error', (error) => errors.push(error))
    const stream = new SyncStream(zlib)
    expect(brokenRule(() => run(stream, bytes('ff ff')))).toBe('Z_DATA_ERROR')
    const closed = new Promise((resolve) => zlib.once('close', resolve))
    stream.close()
    await closed
    expect(errors).toEqual([])
  })

  it('takes all and gives nothing once it is closed', () => {
    const stream = new SyncStream(createDeflateRaw())
    stream.close()
    stream.close()
    stream.reset()
    expect(stream.run(HELLO, new Output(0, () => {}))).toBe(5)
  })

  it('may be closed by who is given its output', () => {
    const stream = new SyncStream(createInflateRaw())
    const parts: Buffer[] = []
    const output = new Output(ENDLESS, (part) => {
      parts.push(part)
      stream.close()
    })
    const payload = deflateRawSync(Buffer.alloc(1000 * KIB))
    expect(stream.run(payload, output)).toBe(payload.length)
    expect(parts.map(({ length }) => length)).toEqual([SCRATCH_BYTES])
  })

  it('works beside streams that are used as such', () => {
    const text = noise(3000)
    const stream = new SyncStream(createInflateRaw())
    expect(inflateRawSync(deflateRawSync(text))).toEqual(run(stream, deflateRawSync(text)))
  })
})

describe('hasSyncStreams', () => {
  afterEach(() => {
    vi.doUnmock('node:zlib')
    vi.resetModules()
  })

  it('is true on this release of Node; where it is not, look at its zlib before raising LAST_KNOWN_RELEASE', () => {
    expect(hasSyncStreams()).toBe(true)
  })

  it.each(['20.0.0', '26.99.0'])('tries them out on %s', (release) => {
    expect(hasSyncStreams(release)).toBe(true)
  })

  it.each(['27.0.0', '100.1.2'])('does not try them out on %s', (release) => {
    expect(hasSyncStreams(release)).toBe(false)
  })

  it.each([
    ['has no handle', () => ({})],
    ['has a handle of another kind', () => ({ _handle: {}, _writeState: new Uint32Array(2) })],
    ['keeps its state elsewhere', () => ({ _handle: { writeSync: () => {} }, close: () => {} })],
    [
      'leaves no result behind',
      () => ({ _handle: { writeSync: () => {} }, _writeState: new Uint32Array(2), close: () => {} }),
    ],
    [
      'says that all is done where nothing is',
      () => ({ _handle: { writeSync: () => {} }, _writeState: Uint32Array.of(99, 0), close: () => {} }),
    ],
  ])('is false where the stream %s', async (_, stream) => {
    vi.resetModules()
    vi.doMock('node:zlib', async (original) => ({
      ...(await original<object>()),
      createDeflateRaw: stream,
      createInflateRaw: stream,
    }))
    const mocked = await import('../../src/permessage-deflate/sync-stream.ts')
    expect(mocked.hasSyncStreams()).toBe(false)
  })
})
