import { binary, close, continuation, ping, pong, text } from '@upwire/testkit'
import { describe, expect, it } from 'vitest'
import { Inflater } from '../../src/permessage-deflate/inflater.ts'
import { MemoryBudget } from '../../src/protocol/memory-budget.ts'
import { Receiver } from '../../src/websocket/receiver.ts'
import { brokenRule } from '../support/broken-rule.ts'
import { atEveryCut } from '../support/cuts.ts'
import { LOOSE_ENDS } from '../support/loose-ends.ts'
import { limitsWith, MessageRecorder } from '../support/message-recorder.ts'
import { fromPeer, ROLES } from '../support/peer.ts'

describe.each(ROLES)('a receiver of a %s', (role) => {
  it('tells its borrower everything that arrives, however it is cut', () => {
    const bytes = fromPeer(role, '8105 48656c6c6f', '8202 0102', '8902 6869', '8a00', '8802 03e8')
    const events = atEveryCut(bytes, (chunks) => {
      const recorder = new MessageRecorder()
      const receiver = new Receiver(role, limitsWith()).lendTo(recorder)
      for (const chunk of chunks) receiver.push(chunk, 0)
      return recorder.events
    })
    expect(events).toEqual(['text:Hello', 'binary:0102', 'ping:6869', 'pong:', 'close:1000'])
  })
})

describe('a receiver', () => {
  it('serves one borrower after the other', () => {
    const receiver = new Receiver('server', limitsWith())
    const [first, second] = [new MessageRecorder(), new MessageRecorder()]
    receiver.lendTo(first).push(text('1'), 0)
    receiver.lendTo(second).push(Buffer.concat([binary(Buffer.of(2)), ping(), pong(), close()]), 0)
    expect(first.events).toEqual(['text:1'])
    expect(second.events).toEqual(['binary:02', 'ping:', 'pong:', 'close:1005'])
  })

  it('has to be kept while a header, a payload or a message is unfinished', () => {
    const receiver = new Receiver('server', limitsWith()).lendTo(new MessageRecorder())
    const fragments = Buffer.concat([text('abc', { fin: false }), continuation('d')])
    const states: boolean[] = []
    for (const byte of fragments) {
      receiver.push(Buffer.of(byte), 0)
      states.push(receiver.unfinished)
    }
    expect(states.lastIndexOf(true)).toBe(fragments.length - 2)
    expect(states.indexOf(false)).toBe(fragments.length - 1)
  })

  it('begins where it is told to, and stops after the frame in hand', () => {
    const receiver = new Receiver('server', limitsWith())
    const recorder = new MessageRecorder()
    const [first, second, third] = [text('1'), text('2'), text('3')]
    const chunk = Buffer.concat([first, second, third])
    receiver.lendTo({
      ...forwarding(recorder),
      text(...args) {
        recorder.text(...args)
        receiver.stop()
      },
    })
    expect(receiver.push(chunk, first.length)).toBe(first.length + second.length)
    expect(receiver.push(chunk, first.length + second.length)).toBe(chunk.length)
    expect(recorder.events).toEqual(['text:2', 'text:3'])
  })

  it.each([
    [true, ['text:1', 'binary:02', 'ping:', 'pong:', 'close:1005']],
    [false, ['text:1', 'rest', 'binary:02', 'rest', 'ping:', 'rest', 'pong:', 'rest', 'close:1005']],
  ])('with allowSynchronousEvents %s has its borrower told: %j', (allowSynchronousEvents, events) => {
    const receiver = new Receiver('server', { ...limitsWith(), allowSynchronousEvents })
    const recorder = new MessageRecorder()
    const borrower = Object.assign(recorder, { rest: () => recorder.events.push('rest') })
    receiver
      .lendTo(borrower)
      .push(Buffer.concat([text('1'), binary(Buffer.of(2)), ping(), pong(), close()]), 0)
    expect(recorder.events).toEqual(events)
  })

  it('gives the memory of an unfinished message back when it is abandoned', () => {
    const budget = new MemoryBudget(1024 * 1024)
    const receiver = new Receiver('server', limitsWith({ budget })).lendTo(new MessageRecorder())
    receiver.push(text('a'.repeat(5000), { fin: false }), 0)
    expect(budget.usedBytes).toBeGreaterThanOrEqual(5000)
    receiver.abandon()
    expect(budget.usedBytes).toBe(0)
  })

  describe.each(LOOSE_ENDS)('that was reset after %s', (_what, looseEnd) => {
    it('is as new for the next borrower, however its bytes are cut', () => {
      const next = fromPeer('server', '0101 62', '8901 70', '8001 63', '8203 616263', '8103 e282ac', '8800')
      const events = atEveryCut(next, (chunks) => {
        const budget = new MemoryBudget(1024 * 1024)
        const receiver = new Receiver('server', limitsWith({ budget })).lendTo(new MessageRecorder())
        brokenRule(() => receiver.push(Buffer.from(looseEnd), 0))
        receiver.reset()
        expect([budget.usedBytes, receiver.unfinished]).toEqual([0, false])
        const recorder = new MessageRecorder()
        receiver.lendTo(recorder)
        for (const chunk of chunks) receiver.push(chunk, 0)
        return recorder.events
      })
      expect(events).toEqual(['ping:70', 'text:bc', 'binary:616263', 'text:€', 'close:1005'])
    })
  })

  it('that was reset after a compressed fragment takes none of a borrower without compression', () => {
    const receiver = new Receiver('server', limitsWith())
    const inflater = new Inflater({ windowBits: 15, contextTakeover: true })
    receiver.lendTo(new MessageRecorder(), inflater).push(fromPeer('server', '4102 f248'), 0)
    receiver.reset()
    const recorder = new MessageRecorder()
    receiver.lendTo(recorder).push(fromPeer('server', '8101 61'), 0)
    expect(recorder.events).toEqual(['text:a'])
    expect(brokenRule(() => receiver.push(fromPeer('server', 'c101 62'), 0))).toBe('WS_ERR_UNEXPECTED_RSV_1')
  })
})

function forwarding(recorder: MessageRecorder) {
  return {
    binary: recorder.binary.bind(recorder),
    ping: recorder.ping.bind(recorder),
    pong: recorder.pong.bind(recorder),
    close: recorder.close.bind(recorder),
  }
}
