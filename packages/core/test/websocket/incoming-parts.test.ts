import { deflateRawSync } from 'node:zlib'
import { describe, expect, it, vi } from 'vitest'
import { Deflater } from '../../src/permessage-deflate/deflater.ts'
import { Inflater } from '../../src/permessage-deflate/inflater.ts'
import { protocolError } from '../../src/protocol/protocol-error.ts'
import { IncomingParts } from '../../src/websocket/incoming-parts.ts'
import { bomb } from '../permessage-deflate/samples.ts'
import { turns } from '../support/turns.ts'

const KIB = 1024
const MIB = KIB * KIB
const TAKEOVER = { windowBits: 15, contextTakeover: true }
const NO_TAKEOVER = { windowBits: 15, contextTakeover: false }
const BOTH = [TAKEOVER, NO_TAKEOVER]
const INVALID = { code: 'WS_ERR_INVALID_UTF8' }
const DISCARDED = { code: 'UPWIRE_MESSAGE_DISCARDED' }

function owner() {
  return { deliveryAdvanced: vi.fn(), messageFailed: vi.fn() }
}

function binaryParts(inflation?: ConstructorParameters<typeof IncomingParts>[2]) {
  return new IncomingParts(true, owner(), inflation)
}

/** Everything a message gives. */
async function allOf(parts: IncomingParts): Promise<(string | Buffer)[]> {
  const all: (string | Buffer)[] = []
  for (let part = await parts.next(); part !== undefined; part = await parts.next()) all.push(part)
  return all
}

describe('the parts of a message that arrives', () => {
  it('are given as they arrive', async () => {
    const parts = binaryParts()
    const first = parts.next()
    parts.push(Buffer.from('a'))
    expect(String(await first)).toBe('a')
    const second = parts.next()
    parts.push(Buffer.from('b'))
    expect(String(await second)).toBe('b')
    const last = parts.next()
    expect(parts.isOver).toBe(false)
    parts.end()
    expect(await last).toBeUndefined()
    expect(parts.isOver).toBe(true)
  })

  it('are none where the message has no byte', async () => {
    const parts = binaryParts()
    parts.end()
    expect(await allOf(parts)).toEqual([])
  })

  it('are gathered while nobody takes them, and cost about their bytes', async () => {
    const parts = binaryParts()
    const before = process.memoryUsage().arrayBuffers
    for (let count = 0; count < 1000; count++) parts.push(Buffer.alloc(64 * KIB).subarray(7, 8))
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(65 * MIB)
    parts.end()
    const all = await allOf(parts)
    expect(Buffer.concat(all as Buffer[])).toEqual(Buffer.alloc(1000))
    expect(all.length).toBeLessThan(5)
  })

  it('are not copied where they are large', async () => {
    const parts = binaryParts()
    const chunk = Buffer.alloc(64 * KIB)
    parts.push(chunk.subarray(8))
    expect(((await parts.next()) as Buffer).buffer).toBe(chunk.buffer)
  })

  it('leave the peer room up to 64 KiB, and again when they are taken', async () => {
    const advanced = owner()
    const parts = new IncomingParts(true, advanced)
    parts.push(Buffer.alloc(40 * KIB))
    expect(parts.hasRoom).toBe(true)
    parts.push(Buffer.alloc(24 * KIB))
    expect(parts.hasRoom).toBe(false)
    await parts.next()
    expect([parts.hasRoom, advanced.deliveryAdvanced.mock.calls.length]).toEqual([true, 1])
    parts.end()
    expect(parts.hasRoom).toBe(false)
    await allOf(parts)
    expect([parts.hasRoom, advanced.deliveryAdvanced.mock.calls.length]).toEqual([true, 2])
  })
})

describe('the parts of a text', () => {
  const text = 'aé€👍'.repeat(3)

  it('are cut between characters only, wherever the wire cuts them', async () => {
    const bytes = Buffer.from(text)
    for (let at = 0; at <= bytes.length; at++) {
      const parts = new IncomingParts(false, owner())
      const reading = allOf(parts)
      for (const piece of [bytes.subarray(0, at), bytes.subarray(at)]) {
        if (piece.length > 0) parts.push(piece)
        await turns(1)
      }
      parts.end()
      const all = (await reading) as string[]
      expect(all.join('')).toBe(text)
      expect(all.every((part) => !/[\ud800-\udbff]$|^[\udc00-\udfff]|\ufffd/.test(part))).toBe(true)
    }
  })

  it('keep a byte order mark', async () => {
    const parts = new IncomingParts(false, owner())
    parts.push(Buffer.from('efbbbf61', 'hex'))
    parts.end()
    expect(await allOf(parts)).toEqual(['\ufeffa'])
  })

  it.each([
    ['at the first byte that no other can mend', ['ce', 'ba', 'f490'], false],
    ['at an end within a character', ['61', 'f09f91'], true],
  ])('fail the connection where they are not UTF-8, %s (RFC 6455 §8.1)', async (_when, hex, hasEnded) => {
    const failed = owner()
    const parts = new IncomingParts(false, failed)
    for (const bytes of hex) parts.push(Buffer.from(bytes, 'hex'))
    if (hasEnded) parts.end()
    await expect(allOf(parts)).rejects.toMatchObject(INVALID)
    expect(failed.messageFailed.mock.calls).toEqual([[expect.objectContaining(INVALID)]])
    expect(parts.isOver).toBe(true)
  })
})

describe('the parts of a compressed message', () => {
  it.each(BOTH)('are inflated, wherever the wire cuts them: %j', async (compression) => {
    const payload = new Deflater(compression, { threshold: 0, level: 6, memLevel: 8 }).deflate(
      Buffer.from('Hello'),
    )
    for (let at = 0; at <= payload.length; at++) {
      const parts = new IncomingParts(false, owner(), new Inflater(compression).begin(KIB))
      const reading = allOf(parts)
      parts.push(payload.subarray(0, at))
      await turns(1)
      parts.push(payload.subarray(at))
      parts.end()
      expect((await reading).join('')).toBe('Hello')
    }
  })

  it.each(BOTH)('are there no sooner than they are asked for: %j', async (compression) => {
    const parts = binaryParts(new Inflater(compression).begin(Number.POSITIVE_INFINITY))
    const payload = bomb(1024)
    const before = process.memoryUsage().arrayBuffers
    for (let at = 0; at < payload.length; at += 64 * KIB) parts.push(payload.subarray(at, at + 64 * KIB))
    parts.end()
    for (let count = 0; count < 10; count++) {
      expect(await parts.next()).toHaveLength(64 * KIB)
      await turns(1)
    }
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 * MIB)
    parts.fail(new Error('enough'))
  })

  it.each([
    ['above the limit', bomb(1), 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH'],
    ['corrupt', Buffer.of(0xff, 0xff), 'Z_DATA_ERROR'],
    ['not UTF-8', deflateRawSync(Buffer.of(0xff)), 'WS_ERR_INVALID_UTF8'],
  ])('fail the connection where they are %s', async (_what, payload, code) => {
    const failed = owner()
    const parts = new IncomingParts(false, failed, new Inflater(NO_TAKEOVER).begin(100 * KIB))
    parts.push(payload)
    parts.end()
    await expect(allOf(parts)).rejects.toMatchObject({ code })
    expect(failed.messageFailed).toHaveBeenCalledOnce()
  })
})

describe('a message that nobody wants', () => {
  it('keeps nothing, takes what still arrives, and tells whoever asks', async () => {
    const parts = binaryParts()
    parts.push(Buffer.alloc(KIB))
    parts.cancel()
    parts.push(Buffer.alloc(MIB))
    expect([parts.isOver, parts.hasRoom]).toEqual([true, true])
    parts.end()
    await expect(parts.next()).rejects.toMatchObject(DISCARDED)
  })

  it('tells whoever waits for its next part', async () => {
    const parts = binaryParts()
    const next = parts.next()
    parts.cancel()
    await expect(next).rejects.toMatchObject(DISCARDED)
  })

  it('is discarded where it is unread only', () => {
    const [unread, read] = [binaryParts(), binaryParts()]
    read.claim()
    unread.discardUnread()
    read.discardUnread()
    expect([unread.isOver, read.isOver]).toEqual([true, false])
  })

  it('is inflated to its end where later messages refer to it, little by little', async () => {
    const deflater = new Deflater(TAKEOVER, { threshold: 0, level: 6, memLevel: 8 })
    const inflater = new Inflater(TAKEOVER)
    const [unwanted, wanted] = [Buffer.alloc(MIB, 'unwanted'), Buffer.from('unwanted')].map((bytes) =>
      deflater.deflate(bytes),
    )
    const parts = binaryParts(inflater.begin(2 * MIB))
    const next = parts.next()
    parts.push(unwanted.subarray(0, 500))
    await next
    parts.cancel()
    await expect(parts.next()).rejects.toMatchObject(DISCARDED)
    expect(parts.isOver).toBe(false)
    await turns()
    parts.push(unwanted.subarray(500))
    parts.end()
    await turns(2)
    expect(parts.isOver).toBe(false)
    await turns(20)
    expect(parts.isOver).toBe(true)
    expect(String(inflater.inflate(wanted, KIB))).toBe('unwanted')
  })

  it.each(BOTH)('fails the connection still, where that shows: %j', async (compression) => {
    const failed = owner()
    const parts = new IncomingParts(true, failed, new Inflater(compression).begin(100 * KIB))
    parts.cancel()
    parts.push(bomb(1))
    await turns(10)
    expect(failed.messageFailed).toHaveBeenCalledTimes(compression.contextTakeover ? 1 : 0)
  })
})

describe('a message that will not be whole', () => {
  it('is over, and tells whoever reads it why, now or later', async () => {
    const parts = binaryParts()
    parts.push(Buffer.from('a'))
    const error = protocolError('WS_ERR_EXPECTED_MASK')
    parts.fail(error)
    parts.fail(new Error('too late'))
    expect(parts.isOver).toBe(true)
    await expect(parts.next()).rejects.toBe(error)
    await expect(parts.next()).rejects.toBe(error)
  })

  it('does not fail when it was read to its end', async () => {
    const parts = binaryParts()
    parts.end()
    await allOf(parts)
    parts.fail(new Error('too late'))
    expect(await parts.next()).toBeUndefined()
  })
})
