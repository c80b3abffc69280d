import { close, readClose, readFrames } from '@upwire/testkit'
import { describe, expect, it, vi } from 'vitest'
import { readExtensionOffers } from '../../src/handshake/extension-offer.ts'
import { codecFor } from '../../src/permessage-deflate/codec.ts'
import { deflaterFor } from '../../src/permessage-deflate/deflater.ts'
import { Inflater, inflaterFor } from '../../src/permessage-deflate/inflater.ts'
import { acceptOffer } from '../../src/permessage-deflate/negotiation.ts'
import { resolvePerMessageDeflate } from '../../src/permessage-deflate/options.ts'
import { TopicHub } from '../../src/topics/topic-hub.ts'
import { WebSocket } from '../../src/websocket/websocket.ts'
import { BlockableTransport } from '../support/blockable-transport.ts'
import { HIGH_WATER_MARK, openBlockable as open } from '../support/open-blockable.ts'
import { open as openOn, settingsWith } from '../support/open-pair.ts'
import { turns } from '../support/turns.ts'

const KIB = 1024
const MIB = 1024 * KIB
const DEFLATE = resolvePerMessageDeflate(true)!

describe('a message in fragments', () => {
  it('is a first frame, continuations, and a last one', async () => {
    const { socket, transport } = open()
    socket.send('Hel', { fin: false })
    socket.send(Buffer.from('l'), { fin: false })
    socket.send('o')
    socket.send('next')
    await turns(1)
    expect(transport.written.toString('hex')).toBe('010348656c' + '00016c' + '80016f' + '81046e657874')
  })

  it('is binary where its first fragment is', async () => {
    const { socket, frames } = open()
    socket.send(Buffer.from('a'), { fin: false })
    socket.send('b', { fin: true })
    await turns(1)
    expect(frames()).toEqual(['2:a', '80:b'])
  })

  it('lets control frames through', async () => {
    const { socket, frames } = open()
    socket.send('a', { fin: false })
    socket.ping('p')
    socket.send('b')
    await turns(1)
    expect(frames()).toEqual(['1:a', '89:p', '80:b'])
  })

  it('lets no published message into its middle (RFC 6455 §5.4)', async () => {
    const topics = new TopicHub()
    const { socket, frames } = open({ topics })
    socket.subscribe('news')
    socket.send('a', { fin: false })
    topics.publish('news', 'first')
    socket.send('b', { fin: false })
    topics.publish('news', 'second')
    await turns(1)
    expect(frames()).toEqual(['1:a', '0:b'])
    // They have no frame yet, for it may have to be compressed after what comes before it.
    expect(socket.bufferedAmount).toBe('firstsecond'.length)
    socket.send('c')
    topics.publish('news', 'third')
    await turns(1)
    expect(frames()).toEqual(['1:a', '0:b', '80:c', '81:first', '81:second', '81:third'])
    expect(socket.bufferedAmount).toBe(0)
  })
})

describe('a message that is sent in parts', () => {
  /** Parts that come when they are brought. */
  function source() {
    const parts = new TransformStream<string, string>(undefined, undefined, { highWaterMark: 10 })
    const writer = parts.writable.getWriter()
    return {
      parts: parts.readable,
      bring: async (part: string) => {
        await writer.write(part)
        await turns()
      },
      end: async () => {
        await writer.close()
        await turns()
      },
    }
  }

  it('has everything that is sent meanwhile follow it, and control frames in its middle', async () => {
    const topics = new TopicHub()
    const { socket, frames } = open({ topics })
    socket.subscribe('news')
    const { parts, bring, end } = source()
    const sent = socket.sendStream(parts)
    await bring('Hel')
    const bytes = Buffer.from('bytes')
    expect([socket.send('text'), socket.send(bytes)]).toEqual([false, false])
    bytes.fill('!')
    topics.publish('news', 'news')
    socket.ping('p')
    socket.send('in ', { fin: false })
    socket.send('fragments')
    expect(socket.bufferedAmount).toBe('textbytesnewsin fragments'.length)
    await bring('lo')
    expect(frames()).toEqual(['1:Hel', '89:p', '0:lo'])
    await end()
    await sent
    expect(frames().slice(3)).toEqual(['80:', '81:text', '82:bytes', '81:news', '1:in ', '80:fragments'])
    expect(socket.bufferedAmount).toBe(0)
  })

  it('waits for the one before, and for a message in fragments', async () => {
    const { socket, frames } = open()
    socket.send('1', { fin: false })
    const all = [socket.sendStream(['a', 'b']), socket.sendStream(['c']), socket.sendStream(['d'])]
    socket.send('2')
    socket.send('last')
    await Promise.all(all)
    await turns()
    const messages = [
      ['1:1', '80:2'],
      ['1:a', '0:b', '80:'],
      ['1:c', '80:'],
      ['1:d', '80:'],
    ]
    expect(frames()).toEqual([...messages.flat(), '81:last'])
  })

  it("has 'drain' follow for what waited, when that has left as well", async () => {
    const { socket, frames } = open()
    const lastWhenDrained: unknown[] = []
    socket.on('drain', () => lastWhenDrained.push(frames().at(-1)))
    const { parts, bring, end } = source()
    void socket.sendStream(parts)
    await bring('begin')
    expect(socket.send('waits')).toBe(false)
    await bring('x'.repeat(HIGH_WATER_MARK))
    expect(lastWhenDrained).toEqual([])
    await end()
    expect(lastWhenDrained).toEqual(['81:waits'])
  })

  it('asks for no more parts than the peer reads', async () => {
    const { socket, transport } = open()
    const asked = vi.fn()
    function* parts() {
      for (let count = 0; count < 100; count++) {
        asked()
        yield Buffer.alloc(KIB)
      }
    }
    transport.block()
    const sent = socket.sendStream(parts())
    await turns()
    const askedMeanwhile = asked.mock.calls.length
    expect(askedMeanwhile * KIB).toBeLessThan(HIGH_WATER_MARK + 2 * KIB)
    await turns()
    expect([asked.mock.calls.length, socket.bufferedAmount < HIGH_WATER_MARK + 2 * KIB]).toEqual([
      askedMeanwhile,
      true,
    ])
    transport.unblock()
    await sent
    await turns()
    expect(asked).toHaveBeenCalledTimes(100)
  })

  it('is not stopped by a maxBackpressure below its parts, but what waits for it counts', async () => {
    const { socket, frames } = open({ limits: { maxBackpressure: 10 } })
    const { parts, bring } = source()
    const sent = socket.sendStream(parts)
    await bring('x'.repeat(100))
    await bring('x'.repeat(100))
    expect(frames()).toHaveLength(2)
    const errors: unknown[] = []
    for (let count = 0; count < 3; count++)
      socket.send('12345', (error) => errors.push(Reflect.get(error ?? {}, 'code')))
    expect(socket.readyState).toBe(WebSocket.CLOSING)
    await expect(sent).rejects.toMatchObject({ code: 'UPWIRE_MESSAGE_NOT_SENT' })
    await turns()
    expect(errors).toEqual([undefined, 'UPWIRE_MESSAGE_NOT_SENT', 'UPWIRE_MESSAGE_NOT_SENT'])
    expect(frames().at(-1)).toMatch(/^88:/)
  })

  it.each([true, false])('is compressed, one with the one before (%s)', async (contextTakeover) => {
    const side = { windowBits: 15, contextTakeover }
    const settings = { threshold: 1000, level: 6, memLevel: 8 }
    const compression = { deflater: deflaterFor(side, settings), inflater: inflaterFor(side) }
    const { socket, transport } = open({ compression })
    await Promise.all([
      socket.sendStream(['Hel', 'lo']),
      socket.sendStream(['Hel', 'lo'], { compress: false }),
    ])
    await socket.sendStream([])
    await turns()
    const { frames } = readFrames(transport.written)
    const heads = frames.map(({ fin, rsv, opcode }) => [fin, rsv, opcode].map(Number).join(' '))
    expect(heads.slice(0, 3)).toEqual(['0 4 1', '0 0 0', '1 0 0'])
    expect(heads.slice(3, 6)).toEqual(['0 0 1', '0 0 0', '1 0 0'])
    expect(heads.slice(6)).toEqual(['1 4 2'])
    const payload = Buffer.concat(frames.slice(0, 3).map(({ payload }) => payload))
    expect(String(new Inflater(side).inflate(payload, KIB))).toBe('Hello')
  })

  it('is masked frame by frame by a client', async () => {
    const keys = [0x04030201, 0x08070605]
    const settings = { ...settingsWith({ role: 'client' }), nextMaskingKey: () => keys.shift() ?? 0 }
    const { socket, transport } = open({ settings })
    await socket.sendStream([Buffer.of(0, 0)])
    await turns()
    expect(transport.written.toString('hex')).toBe('0282' + '01020304' + '0102' + '8080' + '05060708')
  })

  it.each(['the socket closes', 'the peer closes', 'the stream is gone'])('is cut when %s', async (what) => {
    const { socket, transport, frames } = open({ handler: (socket) => socket.on('message', () => {}) })
    const stop = vi.fn()
    const never = new Promise<never>(() => {})
    const iterator = { next: () => never, return: stop }
    const sent = socket.sendStream({ [Symbol.asyncIterator]: () => iterator })
    const behind = socket.sendStream(['behind'])
    const callback = vi.fn()
    socket.send('waits', callback)
    if (what === 'the socket closes') socket.close(1000)
    else if (what === 'the peer closes') transport.arrive(close(1000))
    else transport.destroy()
    await expect(sent).rejects.toMatchObject({ code: 'UPWIRE_MESSAGE_NOT_SENT' })
    await expect(behind).rejects.toMatchObject({ code: 'UPWIRE_MESSAGE_NOT_SENT' })
    await turns()
    expect([stop.mock.calls.length, callback.mock.calls.length]).toEqual([1, 1])
    expect(callback.mock.calls[0][0]).toMatchObject({ code: 'UPWIRE_MESSAGE_NOT_SENT' })
    expect(frames().filter((frame) => !frame.startsWith('88'))).toEqual([])
    expect(socket.bufferedAmount).toBe(0)
  })

  it('closes with 1011 when its parts fail, and is reported once, also where the handler awaits it', async () => {
    const failure = new Error('disk on fire')
    async function* parts() {
      yield 'a'
      throw failure
    }
    const transport = new BlockableTransport()
    const { userErrors } = openOn(transport, { handler: (socket) => socket.sendStream(parts()) })
    await turns()
    const [first, last] = readFrames(transport.written).frames
    expect([String(first.payload), first.fin, readClose(last)]).toEqual([
      'a',
      false,
      { code: 1011, reason: '' },
    ])
    expect(userErrors).toEqual([failure])
  })
})

describe('a peer that reads too slowly', () => {
  const limits = { maxBackpressure: 100 }
  const full = 'x'.repeat(98)

  it('is closed with 1013 by the message that is too much for it', async () => {
    const { socket, transport, frames } = open({ limits })
    transport.block()
    socket.send(full)
    expect([socket.bufferedAmount, socket.readyState]).toEqual([100, WebSocket.OPEN])
    expect(socket.send('y')).toBe(false)
    expect(socket.readyState).toBe(WebSocket.CLOSING)
    transport.unblock()
    await turns()
    const [, last, ...more] = readFrames(transport.written).frames
    expect([readClose(last), more]).toEqual([{ code: 1013, reason: 'Reading too slowly' }, []])
    expect(frames()[0]).toBe(`81:${full}`)
  })

  it('has messages left out with the policy drop, and stays open', async () => {
    const { socket, transport, frames } = open({ limits: { ...limits, backpressurePolicy: 'drop' } })
    transport.block()
    socket.send(full)
    expect(socket.send('dropped')).toBe(false)
    expect(socket.send(Buffer.from('dropped'))).toBe(false)
    socket.ping('p')
    transport.unblock()
    await turns()
    socket.send('later')
    await turns()
    expect(frames()).toEqual([`81:${full}`, '89:p', '81:later'])
  })

  it.each(['close', 'drop'] as const)('costs what is published the same (%s)', async (backpressurePolicy) => {
    const topics = new TopicHub()
    const { socket, transport, frames } = open({ topics, limits: { ...limits, backpressurePolicy } })
    socket.subscribe('news')
    transport.block()
    topics.publish('news', full)
    topics.publish('news', 'dropped')
    expect(socket.readyState).toBe(backpressurePolicy === 'drop' ? WebSocket.OPEN : WebSocket.CLOSING)
    transport.unblock()
    await turns()
    expect(frames()[0]).toBe(`81:${full}`)
    expect(frames().filter((frame) => frame.includes('dropped'))).toEqual([])
  })

  it.each(['close', 'drop'] as const)(
    'has its callback called later with an error (%s)',
    async (backpressurePolicy) => {
      const { socket, transport } = open({ limits: { ...limits, backpressurePolicy } })
      transport.block()
      socket.send(full)
      const errors: unknown[] = []
      socket.send('y', (error) => errors.push(error?.message))
      expect(errors).toEqual([])
      await turns()
      expect(errors).toEqual(['The peer does not read: 100 bytes wait for it, and maxBackpressure is 100'])
    },
  )

  it.each([
    ['its first fragment', ['a']],
    ['a later fragment', []],
  ])('is closed with 1013 where a message would lose %s, also with the policy drop', async (_what, later) => {
    const { socket, transport } = open({ limits: { ...limits, backpressurePolicy: 'drop' } })
    transport.block()
    if (later.length === 0) socket.send('1', { fin: false })
    else socket.send('1')
    socket.send('x'.repeat(100), { fin: false })
    expect(socket.readyState).toBe(WebSocket.CLOSING)
  })

  it('is given one message of any size when nothing else waits for it', async () => {
    const { socket, transport } = open({ limits })
    expect(socket.send('z'.repeat(1000))).toBe(true)
    await turns(1)
    expect(transport.written).toHaveLength(1004)
    expect(socket.send('z'.repeat(1000))).toBe(true)
    expect(socket.readyState).toBe(WebSocket.OPEN)
  })

  it('has no limit with an infinite one', () => {
    const { socket, transport } = open({ limits: { maxBackpressure: Number.POSITIVE_INFINITY } })
    transport.block()
    for (let count = 0; count < 100; count++) socket.send(Buffer.alloc(MIB))
    expect([socket.bufferedAmount > 100 * MIB, socket.readyState]).toEqual([true, WebSocket.OPEN])
  })
})

describe('a Close frame', () => {
  const CLOSE = '880203e8'

  it('is sent once, behind everything that was sent before', async () => {
    const { socket, transport } = open()
    socket.send('a')
    socket.close(1000)
    socket.close(1001)
    await turns()
    expect([transport.written.toString('hex'), transport.writableEnded]).toEqual([`810161${CLOSE}`, false])
  })

  it('in both directions lets a server end the stream', async () => {
    const { socket, transport } = open()
    socket.close(1000)
    transport.arrive(close(1000))
    await turns()
    expect([transport.written.toString('hex'), transport.writableEnded]).toEqual([CLOSE, true])
  })

  it('in both directions lets a client end its half, whether the server waits for that or not', async () => {
    const { transport } = open({ role: 'client', hooks: {} })
    transport.arrive(close(1000, '', { mask: false }))
    await turns()
    expect([transport.written.toString('hex'), transport.writableEnded]).toEqual([CLOSE, true])
  })
})

describe('bufferedAmount', () => {
  it('is what waits here and in the stream', async () => {
    const { socket, transport } = open()
    transport.block()
    socket.send('abc')
    socket.send(Buffer.alloc(20 * KIB))
    expect(socket.bufferedAmount).toBe(5 + 4 + 20 * KIB)
    await turns()
    socket.send('d')
    expect(socket.bufferedAmount).toBe(5 + 4 + 20 * KIB + 3)
    transport.unblock()
    await turns()
    expect(socket.bufferedAmount).toBe(0)
  })
})

describe('a Blob', () => {
  it('leaves in its turn, and all behind it in theirs', async () => {
    const { socket, frames } = open()
    socket.send('before')
    socket.send(new Blob(['blob']))
    socket.send('after')
    socket.ping(new Blob(['ping']))
    socket.pong('pong')
    socket.close(1000)
    expect(socket.readyState).toBe(WebSocket.CLOSING)
    await turns(10)
    expect(frames()).toEqual(['81:before', '82:blob', '81:after', '89:ping', '8a:pong', '88:\x03\ufffd'])
  })

  it('counts as buffered while it is read, with what waits behind it', async () => {
    const { socket } = open()
    socket.send(new Blob(['12345']))
    socket.send('678')
    expect(socket.bufferedAmount).toBe(8)
    await turns(10)
    expect(socket.bufferedAmount).toBe(0)
  })

  it('may be a fragment among others', async () => {
    const { socket, frames } = open()
    socket.send('a', { fin: false })
    socket.send(new Blob(['b']), { fin: false })
    socket.send('c')
    await turns(10)
    expect(frames()).toEqual(['1:a', '0:b', '80:c'])
  })

  it('holds up what is published', async () => {
    const topics = new TopicHub()
    const { socket, frames } = open({ topics })
    socket.subscribe('news')
    socket.send(new Blob(['blob']))
    topics.publish('news', 'published')
    await turns(10)
    expect(frames()).toEqual(['82:blob', '81:published'])
  })

  it('has its callback called in its turn, with an error where the stream has gone', async () => {
    const { socket } = open()
    const calls: string[] = []
    const note = (name: string) => (error?: Error | null) =>
      void calls.push(`${name} ${socket.readyState}${error ? ` ${error.message}` : ''}`)
    socket.send(new Blob(['1']), note('1'))
    socket.send('2', note('2'))
    await turns(10)
    socket.send(new Blob(['3']), note('3'))
    socket.ping('4', note('4'))
    socket.terminate()
    await turns(10)
    const gone = 'Not sent: the connection closed before the Blob was read'
    expect(calls).toEqual(['1 1', '2 1', `3 2 ${gone}`, `4 2 ${gone}`])
  })

  it('that cannot be read fails the connection with 1011', async () => {
    const { socket, frames } = open()
    const error = new Error('not readable')
    const blob = Object.assign(new Blob(['a']), { arrayBuffer: () => Promise.reject(error) })
    const told: unknown[] = []
    socket.on('error', (error) => told.push(error))
    socket.send(blob, (error) => told.push(error))
    await turns(10)
    expect(told).toEqual([error, error])
    expect(frames().map((frame) => frame.slice(0, 2))).toEqual(['88'])
  })

  it('is still sent where the peer has ended meanwhile', async () => {
    const { socket, transport, frames } = open()
    socket.send(new Blob(['blob']))
    transport.push(null)
    await turns(10)
    expect([frames(), transport.writableFinished]).toEqual([['82:blob'], true])
  })
})

describe('terminate()', () => {
  it('leaves what was sent before it to the stream', async () => {
    const { socket, frames } = open()
    socket.send('a')
    socket.terminate()
    await turns()
    expect(frames()).toEqual(['81:a'])
  })

  it('tells the callbacks of compressed messages that they were not sent', async () => {
    const agreement = acceptOffer(readExtensionOffers('permessage-deflate')!, DEFLATE)!
    const { socket, frames } = open({ compression: codecFor(agreement, DEFLATE) })
    const errors: unknown[] = []
    const note = (error?: Error | null) => errors.push([error?.message, socket.readyState])
    socket.send('bar'.repeat(1000), note)
    socket.send('baz', { compress: false }, note)
    socket.terminate()
    await turns()
    const message = 'Not sent: the connection closed before the message was compressed'
    expect([frames(), errors]).toEqual([
      [],
      [
        [message, 2],
        [message, 2],
      ],
    ])
  })
})

describe('reading bufferedAmount', () => {
  it('hands over what waits for the end of the tick, so that it tells what the network has not taken', async () => {
    const { socket, transport } = open()
    socket.send('a')
    expect([socket.bufferedAmount, transport.writes.length]).toEqual([0, 1])
    transport.block()
    socket.send('b')
    expect(socket.bufferedAmount).toBe(3)
    transport.unblock()
    await turns()
    expect(socket.bufferedAmount).toBe(0)
  })

  it('counts what is compressed as it was given, until it leaves', async () => {
    const agreement = acceptOffer(readExtensionOffers('permessage-deflate')!, DEFLATE)!
    const { socket } = open({ compression: codecFor(agreement, DEFLATE) })
    socket.send('foo')
    socket.send('bar'.repeat(1000))
    expect(socket.bufferedAmount).toBe(3003)
    await turns()
    expect(socket.bufferedAmount).toBe(0)
  })
})
