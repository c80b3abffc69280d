import { describe, expect, it } from 'vitest'
import type { Publication } from '../../src/topics/publication.ts'
import { type Subscriber, TopicHub } from '../../src/topics/topic-hub.ts'
import { hex } from '../support/peer.ts'

/** A subscriber that keeps the frames it is sent. */
class Listener implements Subscriber {
  readonly frames: Buffer[] = []

  sendPublished(publication: Publication): boolean {
    this.frames.push(publication.frameFor(undefined))
    return true
  }

  get hex(): string[] {
    return this.frames.map((frame) => frame.toString('hex'))
  }
}

function listeners(count: number): Listener[] {
  return Array.from({ length: count }, () => new Listener())
}

describe('publishing to a topic', () => {
  it('reaches its subscribers and nobody else, and says how many they were', () => {
    const hub = new TopicHub()
    const [first, second, other] = listeners(3)
    hub.subscribe('news', first)
    hub.subscribe('news', second)
    hub.subscribe('sport', other)
    expect(hub.publish('news', 'hi')).toBe(2)
    expect([first.hex, second.hex, other.hex]).toEqual([['81026869'], ['81026869'], []])
  })

  it('reaches nobody where nobody is subscribed', () => {
    expect(new TopicHub().publish('news', 'hi')).toBe(0)
  })

  it('leaves out the one who publishes', () => {
    const hub = new TopicHub()
    const [publisher, other] = listeners(2)
    hub.subscribe('news', publisher)
    hub.subscribe('news', other)
    expect(hub.publish('news', 'hi', publisher)).toBe(1)
    expect([publisher.hex, other.hex]).toEqual([[], ['81026869']])
  })

  it.each([
    ['a string as text', '€', `8103${hex('€')}`],
    ['an empty string as text', '', '8100'],
    ['a Buffer as binary', Buffer.of(1, 2), '82020102'],
    ['a view as binary, with exactly its bytes', new Uint16Array([0, 0x0201, 0]).subarray(1, 2), '82020102'],
    ['an ArrayBuffer as binary', new Uint8Array([1, 2]).buffer, '82020102'],
    ['126 bytes with a 16-bit length', 'a'.repeat(126), `817e007e${'61'.repeat(126)}`],
  ])('sends %s', (_what, data, frame) => {
    const hub = new TopicHub()
    const [listener] = listeners(1)
    hub.subscribe('news', listener)
    hub.publish('news', data)
    expect(listener.hex).toEqual([frame])
  })

  it('frames the message once for 10,000 subscribers', () => {
    const hub = new TopicHub()
    const many = listeners(10_000)
    for (const listener of many) hub.subscribe('news', listener)
    expect(hub.publish('news', 'hi')).toBe(10_000)
    const [{ frames }] = many
    expect(many.every((listener) => listener.frames.length === 1 && listener.frames[0] === frames[0])).toBe(
      true,
    )
  })

  it('throws for what is no payload, and sends nothing', () => {
    const hub = new TopicHub()
    const [listener] = listeners(1)
    hub.subscribe('news', listener)
    expect(() => hub.publish('news', 5 as never)).toThrow(TypeError)
    expect(listener.frames).toEqual([])
  })

  it('reaches those who stay when others leave in the middle of it', () => {
    const hub = new TopicHub()
    const [first, second, third] = listeners(3)
    const leaver: Subscriber = {
      sendPublished() {
        hub.unsubscribe('news', leaver)
        hub.unsubscribe('news', second)
        return true
      },
    }
    for (const subscriber of [first, leaver, second, third]) hub.subscribe('news', subscriber)
    hub.publish('news', 'hi')
    expect([first.hex.length, second.hex.length, third.hex.length]).toEqual([1, 0, 1])
    expect(hub.count('news')).toBe(2)
  })
})

describe('a topic', () => {
  it('counts each subscriber once', () => {
    const hub = new TopicHub()
    const [first, second] = listeners(2)
    expect(hub.count('news')).toBe(0)
    hub.subscribe('news', first)
    hub.subscribe('news', first)
    hub.subscribe('news', second)
    expect(hub.count('news')).toBe(2)
    expect(hub.publish('news', 'hi')).toBe(2)
  })

  it('is gone with its last subscriber', () => {
    const hub = new TopicHub()
    const [first, second] = listeners(2)
    hub.subscribe('news', first)
    hub.subscribe('news', second)
    hub.subscribe('sport', first)
    expect(hub.topics).toEqual(['news', 'sport'])
    hub.unsubscribe('news', first)
    expect(hub.topics).toEqual(['news', 'sport'])
    hub.unsubscribe('news', second)
    expect(hub.topics).toEqual(['sport'])
    expect(hub.count('news')).toBe(0)
  })

  it.each(['', '__proto__', 'constructor', 'a/b#+'])('may be called %j', (topic) => {
    const hub = new TopicHub()
    const [listener] = listeners(1)
    hub.subscribe(topic, listener)
    expect([hub.publish(topic, 'hi'), hub.topics]).toEqual([1, [topic]])
  })

  it('does not mind those who leave without having come', () => {
    const hub = new TopicHub()
    const [first, second] = listeners(2)
    hub.unsubscribe('news', first)
    hub.subscribe('news', first)
    hub.unsubscribe('news', second)
    expect(hub.publish('news', 'hi')).toBe(1)
  })
})
