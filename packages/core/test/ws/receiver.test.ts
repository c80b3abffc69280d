import { once } from 'node:events'
import { close, ping, pong, text } from '@upwire/testkit'
import { describe, expect, it, onTestFinished } from 'vitest'
import { Receiver, type ReceiverOptions } from '../../src/ws/receiver.ts'
import { agreedDeflate } from '../support/agreed-deflate.ts'
import { fromPeer, ROLES } from '../support/peer.ts'

function receiving(options?: ReceiverOptions) {
  const receiver = new Receiver(options)
  const events: unknown[] = []
  receiver
    .on('message', (data, isBinary) => events.push(['message', data, isBinary]))
    .on('ping', (payload) => events.push(['ping', String(payload)]))
    .on('pong', (payload) => events.push(['pong', String(payload)]))
    .on('conclude', (code, reason) => events.push(['conclude', code, String(reason)]))
  return { receiver, events }
}

describe('a Receiver', () => {
  it.each(ROLES)('tells a %s of messages and control frames, and ends with a Close frame', async (role) => {
    const { receiver, events } = receiving({ isServer: role === 'server' })
    const frames = fromPeer(role, '8102 6869', '8202 0102', '8901 61', '8a01 62', '8802 03e8')
    for (const byte of frames) receiver.write(Buffer.of(byte))
    await once(receiver, 'finish')
    expect(events).toEqual([
      ['message', Buffer.from('hi'), false],
      ['message', Buffer.of(1, 2), true],
      ['ping', 'a'],
      ['pong', 'b'],
      ['conclude', 1000, ''],
    ])
  })

  it('gives binary in the shape that is asked for', () => {
    const { receiver, events } = receiving({ binaryType: 'fragments' })
    receiver.write(Buffer.from('820101', 'hex'))
    expect(events).toEqual([['message', [Buffer.of(1)], true]])
  })

  it.each<[string, ReceiverOptions, string[], string]>([
    ['longer than maxPayload', { maxPayload: 1 }, ['8102 6869'], 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH'],
    ['of too many frames', { maxFragments: 1 }, ['0101 61', '8001 62'], 'WS_ERR_TOO_MANY_BUFFERED_PARTS'],
    ['that is not UTF-8', {}, ['8101 ff'], 'WS_ERR_INVALID_UTF8'],
    ['that is compressed', {}, ['c101 61'], 'WS_ERR_UNEXPECTED_RSV_1'],
  ])('fails for a message %s', async (_what, options, frames, code) => {
    const { receiver } = receiving(options)
    const failed = once(receiver, 'error')
    receiver.write(fromPeer('client', ...frames))
    expect((await failed)[0]).toMatchObject({ code })
  })

  it('takes a text that is not UTF-8 where it is told to, and anything behind a Close frame', async () => {
    const { receiver, events } = receiving({ skipUTF8Validation: true, isServer: true })
    receiver.end(Buffer.concat([text(Buffer.of(0xff)), ping(), pong(), close(1000), Buffer.of(0xff)]))
    await once(receiver, 'finish')
    expect(events).toHaveLength(4)
  })

  it('reads compressed messages where they were agreed on, one after the other (RFC 7692 §7.2.3.2)', () => {
    const { client } = agreedDeflate()
    onTestFinished(() => client.cleanup())
    const { receiver, events } = receiving({ extensions: { 'permessage-deflate': client } })
    receiver.write(fromPeer('client', 'c107 f248cdc9c90700', 'c105 f200110000', '8101 61'))
    expect(events).toEqual(['Hello', 'Hello', 'a'].map((text) => ['message', Buffer.from(text), false]))
  })

  it('fails for a compressed message that is longer than maxPayload when inflated', async () => {
    const { client } = agreedDeflate()
    onTestFinished(() => client.cleanup())
    const { receiver } = receiving({ extensions: { 'permessage-deflate': client }, maxPayload: 4 })
    const failed = once(receiver, 'error')
    receiver.write(fromPeer('client', 'c107 f248cdc9c90700'))
    expect((await failed)[0]).toMatchObject({ code: 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH' })
  })
})
