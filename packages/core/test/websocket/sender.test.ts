import { once } from 'node:events'
import { close, ping, readClose, readFrames, text } from '@upwire/testkit'
import { describe, expect, it, vi } from 'vitest'
import { TopicHub } from '../../src/topics/topic-hub.ts'
import { WebSocket } from '../../src/websocket/websocket.ts'
import { BlockableTransport } from '../support/blockable-transport.ts'
import { open as openOn, openOverTcp, openPair, type PairOptions } from '../support/open-pair.ts'
import { turns } from '../support/turns.ts'

const KIB = 1024
const MIB = 1024 * KIB
/** The high-water mark of the transport: what `send()` calls enough. */
const HIGH_WATER_MARK = new BlockableTransport().writableHighWaterMark

function open(options: PairOptions = {}) {
  const transport = new BlockableTransport()
  const { socket } = openOn(transport, options)
  return {
    transport,
    socket,
    /** The frames written so far, as `first byte:payload`. */
    frames: () =>
      readFrames(transport.written).frames.map(
        ({ fin, opcode, payload }) => `${((fin ? 0x80 : 0) | opcode).toString(16)}:${payload}`,
      ),
  }
}

describe('what is sent', () => {
  it('leaves in one write at the end of the tick', async () => {
    const { socket, transport } = open()
    socket.send('a')
    socket.send(Buffer.of(1))
    socket.ping('p')
    socket.send('b')
    expect(transport.writes).toEqual([])
    await turns(1)
    expect(transport.writes.map((chunks) => Buffer.concat(chunks).toString('hex'))).toEqual([
      '810161' + '820101' + '890170' + '810162',
    ])
  })

  it('leaves in one write for all messages of one chunk', async () => {
    const { transport } = open({
      handler: (socket) => socket.on('message', (data) => socket.send(String(data))),
    })
    transport.arrive(text('1'), text('2'), text('3'))
    await turns(1)
    expect(transport.writes.map((chunks) => Buffer.concat(chunks).toString('hex'))).toEqual([
      '810131' + '810132' + '810133',
    ])
  })

  it('keeps its order, small and large', async () => {
    const { socket, frames } = open()
    const [large, huge] = ['l'.repeat(17 * KIB), Buffer.alloc(100 * KIB, 'h')]
    socket.send('1')
    socket.send(large)
    socket.send('2')
    socket.send(huge)
    socket.ping('3')
    await turns(1)
    expect(frames()).toEqual(['81:1', `81:${large}`, '81:2', `82:${huge}`, '89:3'])
  })
})

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

describe('send()', () => {
  it('returns true up to the high-water mark, false above it', () => {
    const { socket } = open()
    const half = Buffer.alloc(HIGH_WATER_MARK / 2 - 4)
    expect([socket.send(half), socket.send(half), socket.send('')]).toEqual([true, false, false])
  })

  it.each(['one large message', 'many small ones', 'what is published'])(
    "has 'drain' follow once where it returned false for %s, also when all is taken at once",
    async (what) => {
      const topics = new TopicHub()
      const hook = vi.fn()
      const listener = vi.fn()
      const { socket } = open({ topics, hooks: { drain: hook } })
      socket.on('drain', listener).subscribe('news')
      if (what === 'one large message') expect(socket.send(Buffer.alloc(1000 * KIB))).toBe(false)
      else if (what === 'what is published') topics.publish('news', Buffer.alloc(1000 * KIB))
      else for (let sent = 0; sent <= HIGH_WATER_MARK; sent += KIB) socket.send(Buffer.alloc(KIB))
      await turns()
      expect([hook.mock.calls, listener.mock.calls]).toEqual([[[socket]], [[]]])
      socket.send('small')
      await turns()
      expect(listener).toHaveBeenCalledTimes(1)
    },
  )

  it("has no 'drain' follow where it returned true", async () => {
    const listener = vi.fn()
    const { socket } = open()
    expect(socket.on('drain', listener).send('small')).toBe(true)
    await turns()
    expect(listener).not.toHaveBeenCalled()
  })

  it("has 'drain' follow when a peer that did not read reads on", async () => {
    const { socket, transport } = open()
    const listener = vi.fn()
    socket.on('drain', listener)
    transport.block()
    for (let count = 0; count < 3; count++) {
      expect(socket.send(Buffer.alloc(HIGH_WATER_MARK))).toBe(false)
      await turns()
    }
    expect(listener).not.toHaveBeenCalled()
    transport.unblock()
    await turns()
    expect(listener).toHaveBeenCalledTimes(1)
  })

  it("has 'drain' follow where the stream has drained before it was given the last part", async () => {
    const { socket, transport } = open()
    const listener = vi.fn()
    socket.on('drain', listener)
    transport.block()
    expect(socket.send(Buffer.alloc(HIGH_WATER_MARK - 1000))).toBe(true)
    await turns()
    expect(socket.send(Buffer.alloc(2000))).toBe(false)
    transport.unblock()
    await turns()
    expect([transport.writableLength, listener.mock.calls.length]).toEqual([0, 1])
  })

  it("can be paced by 'drain', over a network", async () => {
    const { socket, peer } = await openOverTcp()
    const payload = Buffer.alloc(10 * KIB, 'p')
    const highest = Math.max(HIGH_WATER_MARK, ...(await paced(socket, payload, 500)))
    const frames = await peer.frames(500)
    expect(frames.every((frame) => frame.payload.equals(payload))).toBe(true)
    expect(highest).toBeLessThan(HIGH_WATER_MARK + 2 * payload.length + 100)
  })

  it("can be paced by 'drain', in memory", async () => {
    const { socket, peer } = openPair()
    await paced(socket, Buffer.alloc(KIB), 500)
    expect(await peer.frames(500)).toHaveLength(500)
  })

  /** Sends so many times, waiting whenever it is told to, and gives what was buffered then. */
  async function paced(socket: WebSocket, payload: Buffer, count: number): Promise<number[]> {
    const buffered: number[] = []
    for (let sent = 0; sent < count; sent++) {
      if (socket.send(payload)) continue
      buffered.push(socket.bufferedAmount)
      await once(socket, 'drain')
    }
    return buffered
  }
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

  it('in both directions lets a client wait for the server to end the stream (RFC 6455 §7.1.1)', async () => {
    const { transport } = open({ role: 'client', hooks: {} })
    transport.arrive(close(1000, '', { mask: false }))
    await turns()
    expect([transport.written.toString('hex'), transport.writableEnded]).toEqual([CLOSE, false])
    transport.push(null)
    await turns()
    expect([transport.written.toString('hex'), transport.writableEnded]).toEqual([CLOSE, true])
  })
})

describe('a Pong that waits for a peer to read', () => {
  it('leaves when it has read', async () => {
    const { socket, transport } = open({ hooks: {} })
    transport.block()
    socket.send(Buffer.alloc(HIGH_WATER_MARK))
    await turns()
    transport.arrive(ping('p'))
    await turns()
    transport.unblock()
    await turns()
    expect(transport.written.subarray(-3).toString('hex')).toBe('8a0170')
  })

  it('leaves too where Pongs alone have filled the stream', async () => {
    const { transport } = open({ hooks: {} })
    transport.block()
    transport.arrive(...Array.from({ length: HIGH_WATER_MARK / 100 }, () => ping('p'.repeat(100))))
    await turns()
    transport.arrive(ping('late'))
    await turns()
    transport.unblock()
    await turns()
    expect(transport.written.subarray(-6).toString('latin1')).toBe('\x8a\x04late')
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
