import { once } from 'node:events'
import { pipeline } from 'node:stream/promises'
import { describe, expect, it } from 'vitest'
import { IncomingParts } from '../../src/websocket/incoming-parts.ts'
import type { StreamedMessage } from '../../src/websocket/streamed-message.ts'
import { turns } from '../support/turns.ts'

const KIB = 1024
const MIB = KIB * KIB
const READ = 'This message is read already, and can be read only once'

function arriving(isBinary = false): IncomingParts {
  return new IncomingParts(isBinary, { deliveryAdvanced() {}, messageFailed() {} })
}

function arrived(...payload: (string | Buffer)[]): StreamedMessage {
  const parts = arriving(payload.some((part) => typeof part !== 'string'))
  for (const part of payload) parts.push(Buffer.from(part as string))
  parts.end()
  return parts.message
}

describe('a streamed message', () => {
  it('is read in a loop, text as strings and binary as Buffers', async () => {
    const read: unknown[] = []
    for await (const part of arrived('Hello')) read.push(part)
    for await (const part of arrived(Buffer.of(1, 2))) read.push(part)
    expect(read).toEqual(['Hello', Buffer.of(1, 2)])
    expect([arrived('').isBinary, arrived(Buffer.of(1)).isBinary]).toEqual([false, true])
  })

  it('goes through a pipeline', async () => {
    const written: unknown[] = []
    await pipeline(arrived('Hello'), async (parts: AsyncIterable<string | Buffer>) => {
      for await (const part of parts) written.push(part)
    })
    expect(written).toEqual(['Hello'])
  })

  it('is given as one string, or as one Buffer', async () => {
    expect(await arrived('Hé', 'llo').text()).toBe('Héllo')
    expect(await arrived('Hé').bytes()).toEqual(Buffer.from('Hé'))
    expect(await arrived(Buffer.of(1), Buffer.of(2)).bytes()).toEqual(Buffer.of(1, 2))
    expect(await arrived(Buffer.from('Hé')).text()).toBe('Hé')
    expect(await arrived('').text()).toBe('')
  })

  it('is given as one up to 1 MiB, or to the limit that is asked for', async () => {
    expect(await arrived(Buffer.alloc(MIB)).bytes()).toHaveLength(MIB)
    const tooLong = { code: 'UPWIRE_MESSAGE_TOO_LONG' }
    await expect(arrived(Buffer.alloc(MIB + 1)).bytes()).rejects.toMatchObject(tooLong)
    await expect(arrived('abc').text({ maxBytes: 2 })).rejects.toMatchObject(tooLong)
    expect(await arrived('abc').text({ maxBytes: 3 })).toBe('abc')
  })

  it('is discarded where it is longer than that', async () => {
    const parts = arriving()
    parts.push(Buffer.from('abc'))
    await expect(parts.message.bytes({ maxBytes: 2 })).rejects.toThrow('more than 2 bytes')
    expect(parts.isOver).toBe(true)
  })

  it('is discarded where its loop is left, and by cancel()', async () => {
    const [left, cancelled] = [arriving(), arriving()]
    for (const parts of [left, cancelled]) parts.push(Buffer.from('a'))
    for await (const part of left.message) if (part) break
    cancelled.message.cancel()
    expect([left.isOver, cancelled.isOver]).toEqual([true, true])
    await expect(cancelled.message.text()).rejects.toMatchObject({ code: 'UPWIRE_MESSAGE_DISCARDED' })
  })

  it('is discarded where its iterator is left before it began, or waits', async () => {
    const [fresh, waiting] = [arriving(), arriving()]
    const iterators = [fresh, waiting].map(({ message }) => message[Symbol.asyncIterator]())
    const next = iterators[1].next().catch((error) => error.code)
    await turns(1)
    for (const iterator of iterators)
      expect(await iterator.return?.()).toEqual({ done: true, value: undefined })
    expect([fresh.isOver, waiting.isOver, await next]).toEqual([true, true, 'UPWIRE_MESSAGE_DISCARDED'])
  })

  it('can be read only once', async () => {
    const message = arrived('a')
    await message.text()
    expect(() => message[Symbol.asyncIterator]()).toThrow(new TypeError(READ))
    await expect(message.bytes()).rejects.toThrow(READ)
  })

  it('can be piped to a stream of Node', async () => {
    const { Readable, PassThrough } = await import('node:stream')
    const through = new PassThrough()
    Readable.from(arrived('Hello')).pipe(through)
    expect(String((await once(through, 'data'))[0])).toBe('Hello')
  })
})
