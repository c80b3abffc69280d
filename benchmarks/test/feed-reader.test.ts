import { constants, createDeflateRaw, deflateRawSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { feed, feedBytes } from '../feed.ts'
import { encodingOf, FeedReader, feedFrames } from '../load/feed-reader.ts'
import { compressed, serverFrame, text } from '../load/frames.ts'

describe('the feed', () => {
  it('is JSON of one length, no message like another', () => {
    for (const message of feed) {
      expect(message).toHaveLength(feedBytes)
      expect(JSON.parse(message.toString())).toMatchObject({ type: 'update' })
    }
    expect(new Set(feed.map(String)).size).toBe(feed.length)
  })

  it('lies in masked texts, with RSV1 where it is compressed', () => {
    expect(feedFrames('plain')[0]!.toString('hex', 0, 8)).toBe('81fe033a37fa213d')
    expect(feedFrames('compressed')[0]!.toString('hex', 0, 2)).toBe('c1fe')
  })
})

it.each([
  ['', 'plain'],
  ['permessage-deflate', 'compressed, contexts taken over'],
  ['permessage-deflate; client_no_context_takeover', 'compressed, contexts taken over'],
  ['permessage-deflate; server_no_context_takeover', 'compressed'],
])("understands '%s' as %s", (extensions, encoding) => {
  expect(encodingOf(extensions)).toBe(encoding)
})

describe('FeedReader', () => {
  it('reads the feed, plain', () => {
    const reader = new FeedReader('plain')
    expect(reader.read(Buffer.concat(feedFrames('plain')))).toBe(64)
    expect(reader.read(feedFrames('plain')[0]!)).toBe(1)
  })

  it('counts a message when the last of its bytes is there', () => {
    const reader = new FeedReader('compressed')
    const frame = feedFrames('compressed')[0]!
    expect(reader.read(frame.subarray(0, 3))).toBe(0)
    expect(reader.read(frame.subarray(3, -1))).toBe(0)
    expect(reader.read(frame.subarray(-1))).toBe(1)
  })

  it('inflates with the messages before, where contexts are taken over', async () => {
    const reader = new FeedReader('compressed, contexts taken over')
    const twice = [...feed, ...feed]
    expect(reader.read(Buffer.concat(await takenOver(twice)))).toBe(128)
  })

  it('refuses a reply that is not compressed and should be, and the other way round', () => {
    const plain = feedFrames('plain')[0]!
    expect(() => new FeedReader('compressed').read(plain)).toThrow('first byte 81')
    expect(() => new FeedReader('plain').read(feedFrames('compressed')[0]!)).toThrow('first byte c1')
  })

  it('refuses another message than the next of the feed', () => {
    expect(() => new FeedReader('plain').read(feedFrames('plain')[1]!)).toThrow('message 0 is not')
    expect(() => new FeedReader('compressed').read(feedFrames('compressed')[1]!)).toThrow('message 0 is not')
  })

  it('refuses a reference to messages before, where contexts are not taken over', () => {
    const dictionary = feed[0]!
    const payload = deflateRawSync(feed[0]!, { dictionary, finishFlush: constants.Z_SYNC_FLUSH })
    expect(() =>
      new FeedReader('compressed').read(serverFrame(text | compressed, payload.subarray(0, -4))),
    ).toThrow()
  })
})

/** Messages compressed by one context, as a server sends them. */
async function takenOver(messages: readonly Buffer[]): Promise<Buffer[]> {
  const stream = createDeflateRaw()
  const frames: Buffer[] = []
  const parts: Buffer[] = []
  stream.on('data', (part) => parts.push(part))
  for (const message of messages) {
    stream.write(message)
    await new Promise<void>((resolve) => stream.flush(constants.Z_SYNC_FLUSH, resolve))
    frames.push(serverFrame(text | compressed, Buffer.concat(parts.splice(0)).subarray(0, -4)))
  }
  stream.close()
  return frames
}
