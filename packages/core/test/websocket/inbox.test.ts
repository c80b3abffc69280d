import { describe, expect, it } from 'vitest'
import { Inbox } from '../../src/websocket/inbox.ts'
import { IncomingParts } from '../../src/websocket/incoming-parts.ts'
import { leastHeldBytes } from '../support/least-held-bytes.ts'

const KIB = 1024
const MIB = 1024 * KIB

describe('an inbox', () => {
  it('gives messages back in their order, each once', () => {
    const inbox = new Inbox()
    inbox.put(Buffer.from('a'), false)
    inbox.put(Buffer.from('b'), true)
    expect(inbox.take()).toEqual({ data: Buffer.from('a'), isBinary: false })
    inbox.put(Buffer.from('c'), false)
    expect(inbox.take()).toEqual({ data: Buffer.from('b'), isBinary: true })
    expect(inbox.take()).toEqual({ data: Buffer.from('c'), isBinary: false })
    expect(inbox.take()).toBeUndefined()
  })

  it('takes one back in front of the others', () => {
    const inbox = new Inbox()
    for (const text of ['a', 'b']) inbox.put(Buffer.from(text), false)
    const { data, isBinary } = inbox.take() ?? expect.unreachable()
    inbox.putBack(data, isBinary)
    expect([inbox.take(), inbox.take()].map((message) => String(message?.data))).toEqual(['a', 'b'])
    inbox.putBack(Buffer.alloc(64 * KIB), true)
    expect(inbox.isFull).toBe(true)
  })

  it('is empty until something is put, and again when all is taken', () => {
    const inbox = new Inbox()
    expect(inbox.isEmpty).toBe(true)
    inbox.put(Buffer.alloc(0), false)
    expect(inbox.isEmpty).toBe(false)
    inbox.take()
    expect(inbox.isEmpty).toBe(true)
  })

  it('may be dropped: what is streamed is cancelled, unless somebody has taken it', () => {
    const inbox = new Inbox()
    const [taken, held] = [false, true].map(
      () => new IncomingParts(false, { deliveryAdvanced() {}, messageFailed() {} }),
    )
    inbox.hold(taken)
    inbox.take()
    inbox.open(held)
    inbox.hold(held)
    inbox.put(Buffer.alloc(64 * KIB), false)
    inbox.drop()
    expect([inbox.isFull, inbox.isEmpty, taken.isOver, held.isOver]).toEqual([false, true, false, true])
  })

  it('is full at 64 KiB', () => {
    const inbox = new Inbox()
    inbox.put(Buffer.alloc(64 * KIB - 1), true)
    expect(inbox.isFull).toBe(false)
    inbox.put(Buffer.alloc(1), true)
    expect(inbox.isFull).toBe(true)
    inbox.take()
    expect(inbox.isFull).toBe(false)
  })

  it('is full at 1,024 messages, empty ones too', () => {
    const inbox = new Inbox()
    for (let count = 0; count < 1023; count++) inbox.put(Buffer.alloc(0), false)
    expect(inbox.isFull).toBe(false)
    inbox.put(Buffer.alloc(0), false)
    expect(inbox.isFull).toBe(true)
  })

  it('keeps the bytes of small messages and not the chunks they came in', async () => {
    const before = await leastHeldBytes()
    const inbox = new Inbox()
    for (let count = 0; count < 1024; count++) {
      inbox.put(
        Buffer.allocUnsafeSlow(64 * KIB)
          .fill(count)
          .subarray(100, 102),
        true,
      )
    }
    expect((await leastHeldBytes()) - before).toBeLessThan(2 * MIB)
    expect(inbox.take()?.data.toString('hex')).toBe('0000')
    expect(inbox.take()?.data.toString('hex')).toBe('0101')
  })
})

describe('an inbox with a message that is read while it arrives', () => {
  function opened() {
    const inbox = new Inbox()
    const parts = new IncomingParts(true, { deliveryAdvanced() {}, messageFailed() {} })
    inbox.open(parts)
    return { inbox, parts }
  }

  it('is empty again when that is over, whether it was held or not', () => {
    const { inbox, parts } = opened()
    inbox.hold(parts)
    expect([inbox.isEmpty, inbox.isFull]).toEqual([false, false])
    expect(inbox.take()).toEqual({ data: parts, isBinary: true })
    expect(inbox.isEmpty).toBe(false)
    parts.cancel()
    expect(inbox.isEmpty).toBe(true)
  })

  it('is full while that has no room', () => {
    const { inbox, parts } = opened()
    parts.push(Buffer.alloc(64 * KIB))
    expect(inbox.isFull).toBe(true)
    parts.cancel()
    expect(inbox.isFull).toBe(false)
  })

  it('is full from its end until it is over', () => {
    const { inbox, parts } = opened()
    parts.end()
    expect(inbox.isFull).toBe(true)
  })

  it('can have it cut', async () => {
    const { inbox, parts } = opened()
    inbox.cut()
    await expect(parts.next()).rejects.toMatchObject({ code: 'UPWIRE_MESSAGE_CUT' })
    new Inbox().cut()
  })
})
