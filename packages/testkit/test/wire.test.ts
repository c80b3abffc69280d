import { PassThrough } from 'node:stream'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { Wire } from '../src/wire.ts'

const setUp = () => {
  const stream = new PassThrough()
  return { stream, wire: new Wire(stream) }
}

afterEach(() => void vi.useRealTimers())

describe('a wait for bytes', () => {
  it('resolves at once with what is there already, else when it comes', async () => {
    const { stream, wire } = setUp()
    const later = wire.until('two bytes', () => (wire.bytes.length < 2 ? undefined : wire.bytes.toString()))
    stream.write('a')
    stream.write('b')
    expect(await later).toBe('ab')
    expect(await wire.until('anything', () => wire.bytes[0])).toBe(0x61)
  })

  it('keeps what arrives in order, over any number of chunks', async () => {
    const { stream, wire } = setUp()
    const sent = Buffer.from(Array.from({ length: 10_000 }, (_, index) => index & 0xff))
    for (let at = 0; at < sent.length; at += 700) stream.write(sent.subarray(at, at + 700))
    await wire.until('all', () => wire.bytes.length === sent.length || undefined)
    expect(wire.bytes.equals(sent)).toBe(true)
  })

  it('fails with what had arrived when the connection ends', async () => {
    const { stream, wire } = setUp()
    const wait = wire.until('a frame', () => undefined)
    stream.end('ab')
    await expect(wait).rejects.toThrow('The connection ended before a frame; arrived: 6162')
    expect(wire.hasEnded).toBe(true)
    await expect(wire.until('more', () => undefined)).rejects.toThrow('ended before more')
  })

  it('fails with the error of the stream, and no listener of the test is needed', async () => {
    const { stream, wire } = setUp()
    const wait = wire.until('a frame', () => undefined)
    stream.destroy(new Error('read ECONNRESET'))
    await expect(wait).rejects.toThrow('arrived: nothing (read ECONNRESET)')
  })

  it('fails after five seconds, and shows no more than half a KiB', async () => {
    vi.useFakeTimers()
    const { stream, wire } = setUp()
    const wait = expect(wire.until('a frame', () => undefined)).rejects.toThrow(
      `5000 ms passed before a frame; arrived: ${'00'.repeat(512)} and 88 bytes more`,
    )
    stream.write(Buffer.alloc(600))
    await vi.advanceTimersByTimeAsync(5000)
    await wait
  })

  it('fails with what the attempt throws', async () => {
    const wait = setUp().wire.until('a head', () => {
      throw new SyntaxError('Not HTTP')
    })
    await expect(wait).rejects.toThrow(SyntaxError)
  })
})
