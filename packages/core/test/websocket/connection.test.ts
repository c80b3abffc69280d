import { once } from 'node:events'
import {
  close,
  INVALID_CLIENT_FRAMES,
  oversizedMessages,
  ping,
  rawUpgrade,
  text,
  watchEachTest,
} from '@upwire/testkit'
import { describe, expect, it, vi } from 'vitest'
import { TopicHub } from '../../src/topics/topic-hub.ts'
import type { ConnectionHooks } from '../../src/websocket/hooks.ts'
import { WebSocket } from '../../src/websocket/websocket.ts'
import { BlockableTransport } from '../support/blockable-transport.ts'
import { closeOf } from '../support/close-of.ts'
import { leastHeldBytes } from '../support/least-held-bytes.ts'
import { open, openOverTcp, openPair, settingsWith, tcpPair } from '../support/open-pair.ts'
import { serve } from '../support/serve.ts'
import { turns } from '../support/turns.ts'

const KIB = 1024
const MIB = 1024 * KIB
const { OPEN, CLOSING, CLOSED } = WebSocket

watchEachTest()

/** Answers every message with itself. */
const echo: ConnectionHooks = { message: (socket, data) => void socket.send(data) }

describe('the closing handshake', () => {
  it.each([
    ['no code', close(), '8800', 1005, ''],
    ['a code', close(1000), '880203e8', 1000, ''],
    ['a code and a reason', close(4999, 'bye €'), '8809138762796520e282ac', 4999, 'bye €'],
    [
      'the longest reason',
      close(1001, 'r'.repeat(123)),
      `887d03e9${'72'.repeat(123)}`,
      1001,
      'r'.repeat(123),
    ],
  ])('begun by the peer with %s is answered with the same', async (_what, frame, answer, code, reason) => {
    const hook = vi.fn()
    const { socket, peer, endCodes } = openPair({ hooks: { close: hook } })
    const closed = closeOf(socket)
    peer.write(frame)
    expect(await peer.hex(answer.length / 2)).toBe(answer)
    await peer.ended
    expect(await closed).toEqual([code, reason])
    expect([hook.mock.calls, endCodes]).toEqual([[[socket, code, reason]], [code]])
    expect(peer.received).toHaveLength(answer.length / 2)
  })

  it('begun by us ends with what the peer answers', async () => {
    const { socket, peer, ended } = openPair()
    const closed = closeOf(socket)
    socket.close(1001, 'going')
    expect(socket.readyState).toBe(CLOSING)
    expect(await peer.hex(9)).toBe('880703e9676f696e67')
    expect([peer.stream.readableEnded, socket.readyState]).toEqual([false, CLOSING])
    peer.write(close(3000, 'gone'))
    await peer.ended
    expect(await closed).toEqual([3000, 'gone'])
    expect([socket.readyState, ended]).toEqual([CLOSED, [socket]])
  })

  it('begun by both at the same time has one Close frame in each direction', async () => {
    const { socket, peer } = openPair()
    const closed = closeOf(socket)
    peer.write(close(4001))
    socket.close(4002)
    await peer.ended
    expect(peer.received.toString('hex')).toBe('88020fa2')
    expect(await closed).toEqual([4001, ''])
  })

  it('shows in readyState, from OPEN over CLOSING to CLOSED', async () => {
    const { socket, peer } = openPair()
    const states: number[] = [socket.readyState]
    const closed = new Promise((resolve) => socket.on('close', () => resolve(states.push(socket.readyState))))
    peer.keepOpen()
    peer.write(close(1000))
    await peer.ended
    states.push(socket.readyState)
    peer.end()
    await closed
    expect(states).toEqual([OPEN, CLOSING, CLOSED])
  })

  it('lets messages in until the peer has sent its Close frame, and none out', async () => {
    const { socket, peer } = openPair()
    const messages: string[] = []
    socket.on('message', (data) => messages.push(String(data)))
    const closed = closeOf(socket)
    socket.close(1000)
    expect(socket.send('too late')).toBe(false)
    peer.write(text('still'), ping('p'), close(1000), text('no more'), ping('p'))
    await closed
    expect([messages, peer.received.toString('hex')]).toEqual([['still'], '880203e8'])
  })

  it('sends what was sent before it, and one Close frame however often it is asked for', async () => {
    const { socket, peer } = openPair()
    socket.send('last')
    socket.close(1000)
    socket.close(1001)
    peer.write(close(1000))
    await peer.ended
    socket.close(1002)
    expect(peer.received.toString('hex')).toBe('81046c617374' + '880203e8')
  })

  it('waits for the messages before it, whose answers still go out', async () => {
    const { socket, peer } = openPair({
      hooks: {
        async message(socket, data) {
          await turns(2)
          socket.send(`re: ${data}`)
        },
      },
    })
    const closed = closeOf(socket)
    peer.write(text('1'), text('2'), close(1000))
    expect(await peer.texts(3)).toEqual(['re: 1', 're: 2', '\x03\ufffd'])
    expect(await closed).toEqual([1000, ''])
  })

  it('waits for them too where the peer has ended its stream behind it', async () => {
    const { peer } = await openOverTcp({
      hooks: {
        async message(socket, data) {
          await turns(5)
          socket.send(`re: ${data}`)
        },
      },
    })
    peer.write(text('1'), close(1000))
    peer.end()
    expect(await peer.texts(2)).toEqual(['re: 1', '\x03\ufffd'])
  })

  it('is seen behind messages that a paused user has not read, also where the stream has ended behind it', async () => {
    const { socket, stream, peer } = await openOverTcp({
      hooks: {
        message(socket, data) {
          socket.send(`re: ${data}`)
          if (data === '1') socket.pause()
        },
      },
    })
    const closed = closeOf(socket)
    peer.write(text('1'), text('2'), close(1000))
    peer.end()
    await once(stream, 'end')
    expect(socket.readyState).toBe(OPEN)
    socket.resume()
    expect(await peer.texts(3)).toEqual(['re: 1', 're: 2', '\x03\ufffd'])
    expect(await closed).toEqual([1000, ''])
  })

  it.each<[string, Buffer, [number, string]]>([
    ['with a Close frame', close(1000), [1000, '']],
    ['without one', Buffer.alloc(0), [1006, '']],
  ])(
    'is seen where everything arrived in one packet %s, and the end behind it',
    async (_what, frame, expected) => {
      const [stream, peer] = await tcpPair()
      const ended = once(stream, 'end')
      peer.end()
      stream.resume()
      await ended
      const { socket } = open(stream, { head: Buffer.concat([text('1'), frame]), hooks: {} })
      expect(await closeOf(socket)).toEqual(expected)
    },
  )

  it('that is missing shows as 1006 to a handler that never listened, however much is held', async () => {
    const { socket, peer } = await openOverTcp({ handler: () => {} })
    peer.write(...Array.from({ length: 3000 }, () => text('')))
    peer.end()
    expect(await closeOf(socket)).toEqual([1006, ''])
  })

  it('ends with 1011 where the hook it waits for fails', async () => {
    const { socket, peer, userErrors } = openPair({
      hooks: {
        async message() {
          await turns(2)
          throw new Error('of the user')
        },
      },
    })
    const closed = closeOf(socket)
    peer.write(text('1'), close(1000))
    expect(await peer.nextClose()).toEqual({ code: 1011, reason: '' })
    expect([await closed, userErrors.length]).toEqual([[1000, ''], 1])
  })

  it.each([
    ['FIN', 'end'],
    ['RST', 'reset'],
  ] as const)('that is missing shows as 1006: %s', async (_what, leave) => {
    const { socket, peer, ended, endCodes } = await openOverTcp()
    const closed = closeOf(socket)
    peer[leave]()
    expect(await closed).toEqual([1006, ''])
    expect([socket.readyState, ended, endCodes]).toEqual([CLOSED, [socket], [1006]])
    expect(peer.received).toHaveLength(0)
  })

  it.each(['end', 'reset'] as const)(
    'that the peer breaks off by %s after our Close frame shows as 1006',
    async (leave) => {
      const { socket, peer } = await openOverTcp()
      const closed = closeOf(socket)
      socket.close(1000)
      await peer.nextClose()
      peer[leave]()
      expect(await closed).toEqual([1006, ''])
    },
  )

  it('is skipped by terminate(): the stream is destroyed, nothing more is delivered', async () => {
    const messages: unknown[] = []
    const { socket, stream, peer, ended } = await openOverTcp({
      hooks: {
        message(socket, data) {
          messages.push(data)
          socket.terminate()
        },
      },
    })
    const closed = closeOf(socket)
    peer.write(text('1'), text('2'), close(1000))
    expect(await closed).toEqual([1006, ''])
    expect([stream.destroyed, messages, ended]).toEqual([true, ['1'], [socket]])
    socket.terminate()
    socket.close()
  })

  it('tells who has opened it that it has ended before it tells the user', async () => {
    const { socket, peer, ended } = openPair()
    const seen = new Promise((resolve) => socket.on('close', () => resolve([...ended])))
    peer.write(close())
    expect(await seen).toEqual([socket])
  })
})

describe('a peer that breaks the protocol', () => {
  const table = [...INVALID_CLIENT_FRAMES, ...oversizedMessages(MIB)]

  it.each(table.map(({ name, bytes, closeCode }) => [name, closeCode, bytes] as const))(
    'with %s reads our Close frame with %i, and FIN; nobody has to listen',
    async (_name, closeCode, bytes) => {
      const closed = vi.fn()
      const { server, opened } = await serve({ hooks: { message() {}, close: closed } })
      const client = await rawUpgrade(server, { after: bytes })
      expect(await client.nextClose()).toEqual({ code: closeCode, reason: '' })
      await client.ended
      client.write(Buffer.alloc(100 * KIB))
      client.end()
      const [{ socket, ended, userErrors }] = opened
      while (ended.length === 0) await turns(1)
      expect(closed.mock.calls).toEqual([[socket, 1006, '']])
      expect(userErrors).toEqual([])
    },
  )

  it('has the messages before it delivered and answered, those behind it not', async () => {
    const { peer } = openPair({ hooks: echo })
    peer.write(text('1'), text('2'), text('bad', { rsv: 1 }), text('3'))
    expect(await peer.texts(3)).toEqual(['1', '2', '\x03\ufffd'])
    await peer.ended
    expect(peer.received).toHaveLength(3 + 3 + 4)
  })

  it('has its further bytes discarded, however many', async () => {
    const { peer, stream, socket } = await openOverTcp({ hooks: echo })
    peer.keepOpen()
    peer.write(text('bad', { mask: false }))
    await peer.ended
    for (let count = 0; count < 100; count++) peer.write(Buffer.alloc(64 * KIB))
    peer.end()
    await once(stream, 'close')
    expect([stream.readableLength, socket.readyState]).toEqual([0, CLOSED])
  })

  it("is told as 'error' where that is listened to, then as 'close'", async () => {
    const { socket, peer } = openPair()
    const events: unknown[] = []
    socket.on('error', (error) => events.push(error)).on('close', (code) => events.push(code))
    peer.write(text('bad', { rsv: 1 }))
    await turns(5)
    expect(events).toEqual([
      Object.assign(new RangeError('Invalid WebSocket frame: RSV2 and RSV3 must be clear'), {
        code: 'WS_ERR_UNEXPECTED_RSV_2_3',
        closeCode: 1002,
      }),
      1006,
    ])
  })

  it('is told to the error hook, and then to no listener', async () => {
    const [hook, listener] = [vi.fn(), vi.fn()]
    const { socket, peer, userErrors } = openPair({ hooks: { error: hook } })
    socket.on('error', listener)
    peer.write(Buffer.from('c180', 'hex'))
    await turns(5)
    expect(hook.mock.calls).toEqual([[socket, expect.objectContaining({ code: 'WS_ERR_UNEXPECTED_RSV_1' })]])
    expect([listener.mock.calls, userErrors]).toEqual([[], []])
  })

  it('is told to the error hook, whose own failure goes to the error path', async () => {
    const failure = new Error('of the hook')
    const { peer, userErrors } = openPair({
      hooks: {
        error() {
          throw failure
        },
      },
    })
    peer.write(text('bad', { rsv: 1 }))
    expect(await peer.nextClose()).toEqual({ code: 1002, reason: '' })
    await turns()
    expect(userErrors).toContain(failure)
  })

  it('after our Close frame gets no other one', async () => {
    const { socket, peer } = openPair()
    socket.close(1000)
    peer.write(text('bad', { rsv: 1 }))
    await peer.ended
    expect(peer.received.toString('hex')).toBe('880203e8')
  })

  it('behind messages that are held is found out when they are taken', async () => {
    const { socket, peer } = openPair({ head: Buffer.concat([text('1'), text('bad', { rsv: 1 })]) })
    const messages: string[] = []
    socket.on('message', (data) => messages.push(String(data)))
    expect(await peer.nextClose()).toEqual({ code: 1002, reason: '' })
    expect(messages).toEqual(['1'])
  })
})

describe('topics', () => {
  const settings = () => {
    const topics = new TopicHub()
    return { topics, settings: settingsWith({ topics, hooks: {} }) }
  }

  it('bring what one socket publishes to all others that are subscribed', async () => {
    const { settings: shared } = settings()
    const [first, second, third] = Array.from({ length: 3 }, () => openPair({ settings: shared }))
    for (const { socket } of [first, second]) socket.subscribe('news')
    third.socket.subscribe('sport')
    expect(first.socket.publish('news', 'hi')).toBe(1)
    expect(third.socket.publish('news', Buffer.of(1))).toBe(2)
    await turns()
    const received = [first, second, third].map(({ peer }) => peer.received.toString('hex'))
    expect(received).toEqual(['820101', '81026869' + '820101', ''])
  })

  it('are left by unsubscribe()', () => {
    const { topics, settings: shared } = settings()
    const { socket } = openPair({ settings: shared })
    expect([...socket.topics]).toEqual([])
    socket.subscribe('a')
    socket.subscribe('b')
    socket.subscribe('a')
    expect([...socket.topics]).toEqual(['a', 'b'])
    socket.unsubscribe('a')
    socket.unsubscribe('c')
    expect([[...socket.topics], topics.topics]).toEqual([['b'], ['b']])
  })

  it.each<[string, (pair: ReturnType<typeof openPair>) => void]>([
    ['closes', ({ peer }) => peer.write(close())],
    ['resets', ({ peer }) => peer.reset()],
    ['is terminated', ({ socket }) => socket.terminate()],
  ])('are left by a socket that %s, for ever', async (_how, end) => {
    const { topics, settings: shared } = settings()
    const pair = openPair({ settings: shared })
    pair.socket.subscribe('a')
    pair.socket.subscribe('b')
    end(pair)
    await turns(5)
    pair.socket.subscribe('c')
    expect([[...pair.socket.topics], topics.topics]).toEqual([[], []])
  })

  it('send nothing to a socket that is closing', async () => {
    const { topics, settings: shared } = settings()
    const { socket, peer } = openPair({ settings: shared })
    socket.subscribe('news')
    socket.close(1000)
    topics.publish('news', 'too late')
    await turns()
    expect(peer.received.toString('hex')).toBe('880203e8')
  })
})

describe('slow peers', () => {
  it('that never read hold no more than their bytes, whatever is published to others', async () => {
    const topics = new TopicHub()
    const settings = settingsWith({ topics, hooks: {}, limits: { maxBackpressure: 64 * KIB } })
    const transports = Array.from({ length: 50 }, () => new BlockableTransport())
    const sockets = transports.map((transport) => open(transport, { settings }).socket)
    for (const socket of sockets) socket.subscribe('news')
    for (const transport of transports.slice(0, 10)) transport.block()
    const before = await leastHeldBytes()
    for (let count = 0; count < 1000; count++) {
      topics.publish('news', Buffer.alloc(KIB, count))
      await turns(1)
      for (const { writes } of transports) writes.length = 0
    }
    expect(sockets.map(({ readyState }) => readyState)).toEqual([
      ...Array.from({ length: 10 }, () => CLOSING),
      ...Array.from({ length: 40 }, () => OPEN),
    ])
    expect((await leastHeldBytes()) - before).toBeLessThan(10 * 64 * KIB + MIB)
  })

  it.each([2, 16, 100])('cost about the bytes that wait for them, in messages of %d bytes', async (size) => {
    const transport = new BlockableTransport()
    const { socket } = open(transport, { limits: { maxBackpressure: MIB } })
    const message = 'a'.repeat(size)
    transport.block()
    const before = await leastHeldBytes()
    for (let count = 0; socket.readyState === OPEN; count++) {
      socket.send(message)
      if (count % 8 === 0) await turns(1)
    }
    // Up to the high-water mark each write is an entry of the stream's own.
    const entries = 16 * transport.writableHighWaterMark
    expect((await leastHeldBytes()) - before).toBeLessThan(2 * MIB + entries)
    expect(socket.bufferedAmount).toBeGreaterThan(MIB - 256)
    transport.unblock()
    await turns()
    expect(transport.written.subarray(0, 2 + size)).toEqual(
      Buffer.from([0x81, size, ...Buffer.from(message)]),
    )
    expect(transport.written.length).toBeGreaterThan(MIB - 256)
  })
})
