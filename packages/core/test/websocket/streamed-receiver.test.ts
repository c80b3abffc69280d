import { describe, expect, it } from 'vitest'
import { Deflater } from '../../src/permessage-deflate/deflater.ts'
import { Inflater } from '../../src/permessage-deflate/inflater.ts'
import type { Role } from '../../src/protocol/role.ts'
import type { IncomingParts } from '../../src/websocket/incoming-parts.ts'
import { StreamedReceiver, type StreamSink } from '../../src/websocket/streamed-receiver.ts'
import { brokenRule } from '../support/broken-rule.ts'
import { atEveryCut } from '../support/cuts.ts'
import { LOOSE_ENDS } from '../support/loose-ends.ts'
import { MessageRecorder } from '../support/message-recorder.ts'
import { fromPeer, hex, ROLES } from '../support/peer.ts'
import { turns } from '../support/turns.ts'

const KIB = 1024
const LIMITS = { maxPayload: 200 * KIB, maxFragments: 10 }
const COMPRESSION = { windowBits: 15, contextTakeover: false }

/** A connection that keeps its messages, and counts what it is told. */
class Borrower extends MessageRecorder implements StreamSink {
  readonly messages: IncomingParts[] = []
  partCount = 0
  isHeld = false

  messageBegan(parts: IncomingParts): void {
    this.messages.push(parts)
  }

  partArrived(): void {
    this.partCount++
  }

  holdReading(): void {
    this.isHeld = true
  }

  deliveryAdvanced(): void {
    this.isHeld = false
  }

  messageFailed(): void {}
}

function lent(role: Role, inflater?: Inflater) {
  const borrower = new Borrower()
  return { borrower, receiver: new StreamedReceiver(role, LIMITS).lendTo(borrower, inflater) }
}

describe.each(ROLES)('a receiver of messages that are read while they arrive (%s)', (role) => {
  it('tells of messages and control frames, cut anywhere', async () => {
    const frames = ['0103 48656c', '8901 70', '8002 6c6f', '8200', '8802 03e8']
    const reads: Promise<string[]>[] = []
    const { events, messages } = atEveryCut(fromPeer(role, ...frames), (chunks) => {
      const { borrower, receiver } = lent(role)
      for (const chunk of chunks) receiver.push(chunk, 0)
      expect(receiver.unfinished).toBe(false)
      reads.push(Promise.all(borrower.messages.map(({ message }) => message.text())))
      return { events: borrower.events, messages: borrower.messages.map(({ isBinary }) => isBinary) }
    })
    expect([events, messages]).toEqual([
      ['ping:70', 'close:1000'],
      [false, true],
    ])
    for (const read of await Promise.all(reads)) expect(read).toEqual(['Hello', ''])
  })

  it('inflates what is compressed, cut anywhere', async () => {
    const settings = { threshold: 0, level: 6, memLevel: 8 }
    const payload = new Deflater(COMPRESSION, settings).deflate(Buffer.from('Hello'))
    const [front, back] = [payload.subarray(0, 3), payload.subarray(3)]
    const frames = [`410${front.length} ${hex(front)}`, `800${back.length} ${hex(back)}`, '8105 48656c6c6f']
    const reads: Promise<string[]>[] = []
    atEveryCut(fromPeer(role, ...frames), (chunks) => {
      const { borrower, receiver } = lent(role, new Inflater(COMPRESSION))
      for (const chunk of chunks) receiver.push(chunk, 0)
      reads.push(Promise.all(borrower.messages.map(({ message }) => message.text())))
      return borrower.messages.length
    })
    for (const read of await Promise.all(reads)) expect(read).toEqual(['Hello', 'Hello'])
  })

  it('refuses RSV1 where nothing was negotiated', () => {
    const { receiver } = lent(role)
    expect(brokenRule(() => receiver.push(fromPeer(role, 'c100'), 0))).toBe('WS_ERR_UNEXPECTED_RSV_1')
  })

  it('holds the peer at the end of a message until it is read, and while 64 KiB wait', async () => {
    const { borrower, receiver } = lent(role)
    receiver.push(fromPeer(role, '0101 61'), 0)
    expect(borrower.isHeld).toBe(false)
    receiver.push(fromPeer(role, '8001 62'), 0)
    expect(borrower.isHeld).toBe(true)
    expect(await borrower.messages[0].message.text()).toBe('ab')
    expect(borrower.isHeld).toBe(false)
    receiver.push(fromPeer(role, `027f0000000000010000 ${'00'.repeat(64 * KIB)}`), 0)
    expect(borrower.isHeld).toBe(true)
  })

  it('holds nobody for a message that nobody wants', async () => {
    const { borrower, receiver } = lent(role)
    receiver.push(fromPeer(role, '0101 61'), 0)
    borrower.messages[0].cancel()
    receiver.push(fromPeer(role, '8001 62'), 0)
    expect(borrower.isHeld).toBe(false)
  })

  it('tells the reader of a message that it gives up why', async () => {
    const { borrower, receiver } = lent(role)
    receiver.push(fromPeer(role, '0101 61'), 0)
    const read = borrower.messages[0].message.text()
    const cause = new Error('the cause')
    receiver.abandon(cause)
    await expect(read).rejects.toBe(cause)
  })

  it('gives up an unfinished message, and no other', async () => {
    const { borrower, receiver } = lent(role)
    receiver.push(fromPeer(role, '8101 61', '0101 62'), 0)
    receiver.stop()
    receiver.abandon()
    const [whole, cut] = borrower.messages
    expect(await whole.message.text()).toBe('a')
    await expect(cut.message.text()).rejects.toMatchObject({ code: 'UPWIRE_MESSAGE_CUT' })
  })

  it('counts the parts that bring something', async () => {
    const { borrower, receiver } = lent(role)
    receiver.push(fromPeer(role, '0100', '0001 61', '0000', '8000'), 0)
    expect(borrower.partCount).toBe(1)
    await turns(1)
  })
})

describe.each(LOOSE_ENDS)('a receiver that was reset after %s', (_what, looseEnd) => {
  it('is as new for the next borrower, and has nothing to tell the one before', async () => {
    const { borrower: before, receiver } = lent('server')
    brokenRule(() => receiver.push(Buffer.from(looseEnd), 0))
    receiver.abandon()
    receiver.reset()
    expect(receiver.unfinished).toBe(false)
    const told = [before.partCount, before.messages.length, ...before.events]
    const borrower = new Borrower()
    receiver.lendTo(borrower).push(fromPeer('server', '0101 62', '8901 70', '8001 63', '8800'), 0)
    expect(await borrower.messages[0].message.text()).toBe('bc')
    expect(borrower.events).toEqual(['ping:70', 'close:1005'])
    expect([before.partCount, before.messages.length, ...before.events]).toEqual(told)
  })
})

it.each([
  [true, ['begins', 'ping:70', 'pong:71', 'begins', 'close:1005']],
  [false, ['begins', 'rest', 'ping:70', 'rest', 'pong:71', 'rest', 'begins', 'rest', 'close:1005']],
])('with allowSynchronousEvents %s has its borrower told: %j', (allowSynchronousEvents, events) => {
  const borrower = new Borrower()
  const told = Object.assign(borrower, {
    messageBegan: () => borrower.events.push('begins'),
    rest: () => borrower.events.push('rest'),
  })
  const receiver = new StreamedReceiver('server', { ...LIMITS, allowSynchronousEvents }).lendTo(told)
  receiver.push(fromPeer('server', '8101 61', '8901 70', '8a01 71', '8101 62', '8800'), 0)
  expect(borrower.events).toEqual(events)
})

it('takes a pong', () => {
  const { borrower, receiver } = lent('client')
  receiver.push(fromPeer('client', '8a01 61'), 0)
  expect(borrower.events).toEqual(['pong:61'])
})
