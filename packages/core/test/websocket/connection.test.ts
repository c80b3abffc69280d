import { once } from 'node:events'
import {
  binary,
  close,
  continuation,
  duplexPair,
  INVALID_CLIENT_FRAMES,
  oversizedMessages,
  ping,
  pong,
  rawUpgrade,
  text,
  watchProcess,
} from '@upwire/testkit'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { MemoryBudget } from '../../src/protocol/memory-budget.ts'
import { TopicHub } from '../../src/topics/topic-hub.ts'
import type { ConnectionHooks } from '../../src/websocket/hooks.ts'
import { planFor } from '../../src/websocket/plan.ts'
import type { Receiver } from '../../src/websocket/receiver.ts'
import { WebSocket } from '../../src/websocket/websocket.ts'
import { BlockableTransport } from '../support/blockable-transport.ts'
import { leastHeldBytes } from '../support/least-held-bytes.ts'
import { open, openOverTcp, openPair, type PairOptions, settingsWith, tcpPair } from '../support/open-pair.ts'
import { serve } from '../support/serve.ts'
import { turns } from '../support/turns.ts'

const KIB = 1024
const MIB = 1024 * KIB
const { OPEN, CLOSING, CLOSED } = WebSocket

let watch: ReturnType<typeof watchProcess>
beforeEach(() => {
  watch = watchProcess()
})
afterEach(async () => {
  await watch.expectNone()
  watch.stop()
})

const closeOf = async (socket: WebSocket): Promise<[code: number, reason: string]> => {
  const [code, reason] = await once(socket, 'close')
  return [code, String(reason)]
}

/** Answers every message with itself. */
const echo: ConnectionHooks = { message: (socket, data) => void socket.send(data) }

describe('a connection', () => {
  it('is open when its handler runs, which is at once and once', () => {
    const states: unknown[] = []
    const { socket } = openPair({ handler: (socket) => states.push([socket, socket.readyState]) })
    expect(states).toEqual([[socket, OPEN]])
  })

  it('has a stream that flows, unless the handler pauses it', async () => {
    const states: unknown[] = []
    const note = (socket: WebSocket) => states.push([socket.isPaused, socket._socket?.isPaused()])
    const { socket, peer } = openPair({
      handler(socket) {
        note(socket)
        socket.pause()
        note(socket)
        socket.resume()
        note(socket)
        socket.on('message', (data) => states.push(String(data)))
        socket.pause()
      },
    })
    peer.write(text('a'))
    await turns()
    note(socket)
    socket.resume()
    await turns()
    expect(states).toEqual([[false, false], [true, true], [false, false], [true, true], 'a'])
  })

  it('leaves a stream alone that the program has paused by itself', async () => {
    const { socket, peer } = openPair({ handler: (socket) => void socket._socket?.pause() })
    const messages = vi.fn()
    socket.on('message', messages)
    peer.write(text('a'))
    await turns()
    expect(messages).not.toHaveBeenCalled()
  })

  it('reads what arrived behind the handshake, then the stream', async () => {
    const { peer } = openPair({ head: Buffer.concat([text('0'), text('1').subarray(0, 3)]), hooks: echo })
    peer.write(text('1').subarray(3), text('2'))
    expect(await peer.texts(3)).toEqual(['0', '1', '2'])
  })

  it.each<[string, PairOptions]>([
    ['a hook', { hooks: echo }],
    ['a listener', { handler: (socket) => socket.on('message', (data) => socket.send(String(data))) }],
  ])(
    'behind the handshake, answers by %s the messages in front of one that breaks a rule',
    async (_, taking) => {
      const unmasked = Buffer.of(0x81, 0x01, 0x62)
      const { peer } = openPair({ head: Buffer.concat([text('a'), unmasked]), ...taking })
      expect(await peer.texts(1)).toEqual(['a'])
      expect(await peer.nextClose()).toEqual({ code: 1002, reason: '' })
    },
  )

  it.each<[string, PairOptions]>([
    ['hooks', { hooks: echo }],
    ['a handler', { handler: (socket) => socket.on('message', (data) => socket.send(String(data))) }],
    [
      'a handler that resumes',
      {
        handler: (socket) => {
          socket.pause()
          socket.resume()
          socket.on('message', (data) => socket.send(String(data)))
        },
      },
    ],
  ])('with %s reads what the stream had in store when it opened', async (_what, options) => {
    const [stream, peerStream] = duplexPair()
    stream.pause()
    peerStream.write(text('in store'))
    await turns()
    open(stream, options)
    const [frame] = await once(peerStream, 'data')
    expect(frame.toString()).toBe('\x81\x08in store'.replace('\x81', '\ufffd'))
    peerStream.destroy()
  })

  it.each(['text', 'binary'] as const)('echoes %s, however its frames are cut', async (kind) => {
    const { peer } = openPair({ hooks: echo })
    const message = kind === 'text' ? text('Hello') : binary(Buffer.from('Hello'))
    for (const byte of message) {
      peer.write(Buffer.of(byte))
      await turns(1)
    }
    peer.write(message.subarray(0, 1))
    await turns(1)
    peer.write(message.subarray(1), message)
    const frame = kind === 'text' ? '810548656c6c6f' : '820548656c6c6f'
    expect(await peer.hex(21)).toBe(frame.repeat(3))
  })

  it('with a message of 1 MiB, in fragments with a Ping between them', async () => {
    const { peer } = await openOverTcp({ hooks: echo })
    const half = Buffer.alloc(512 * KIB, 'abc')
    peer.write(binary(half, { fin: false }), ping('p'), continuation(half))
    const [answer, message] = await peer.frames(2)
    expect([answer.opcode, answer.payload.toString()]).toEqual([0xa, 'p'])
    expect(message.payload.equals(Buffer.concat([half, half]))).toBe(true)
  })

  it('holds the rest of a chunk while its user is paused, text and binary', async () => {
    const messages: unknown[] = []
    const { socket, peer } = openPair({
      hooks: {
        message(socket, data) {
          messages.push(data)
          socket.pause()
        },
      },
    })
    peer.write(text('0'), binary(Buffer.of(1)), text('2'))
    for (const expected of ['0', Buffer.of(1), '2']) {
      await turns()
      expect([messages.at(-1), socket.isPaused]).toEqual([expected, true])
      socket.resume()
    }
    expect([messages.length, socket.isPaused]).toEqual([3, false])
  })

  it('loses nothing of a stream that somebody else resumes while its user is paused', async () => {
    const messages: unknown[] = []
    const { socket, stream, peer } = openPair({
      hooks: { message: (_socket, data) => void messages.push(data) },
    })
    expect(socket.isPaused).toBe(false)
    await turns()
    socket.pause()
    stream.resume()
    for (const message of ['0', '1', '2']) {
      peer.write(text(message))
      await turns()
    }
    expect(messages).toEqual([])
    socket.resume()
    expect(messages).toEqual(['0', '1', '2'])
  })

  it('reads no further while much is held and nobody listens', async () => {
    const { stream, peer, socket } = openPair()
    peer.write(...Array.from({ length: 3000 }, () => text('')))
    await turns()
    socket.pause()
    socket.resume()
    expect(stream.isPaused()).toBe(true)
  })

  it('keeps its memory for as long as it is busy: 1,000 idle ones have read with one receiver', async () => {
    const settings = settingsWith({ hooks: echo })
    const take = vi.spyOn(planFor(settings).receivers, 'take')
    const pairs = Array.from({ length: 1000 }, () => openPair({ settings }))
    for (const { peer } of pairs) peer.write(text('a'))
    await Promise.all(pairs.map(({ peer }) => peer.frames(1)))
    const used = new Set<Receiver>(take.mock.results.map(({ value }) => value))
    expect([take.mock.calls.length, used.size]).toEqual([1000, 1])
  })

  it('keeps a receiver for as long as a message is unfinished, and gives it up at its end', async () => {
    const settings = settingsWith({ hooks: echo })
    const { receivers } = planFor(settings)
    const give = vi.spyOn(receivers, 'giveBack')
    const [first, second] = [openPair({ settings }), openPair({ settings })]
    first.peer.write(text('Hel', { fin: false }))
    await turns()
    second.peer.write(text('between'))
    await turns()
    expect(give).toHaveBeenCalledTimes(1)
    first.peer.write(continuation('lo'))
    expect(await first.peer.texts(1)).toEqual(['Hello'])
    expect(give).toHaveBeenCalledTimes(2)
  })

  it.each<[string, (pair: ReturnType<typeof openPair>) => void]>([
    ['a reset', ({ peer }) => peer.reset()],
    ['a protocol error', ({ peer }) => peer.write(text('new message'))],
    ['a Close frame', ({ peer }) => peer.write(close(1000))],
    ['terminate()', ({ socket }) => socket.terminate()],
  ])('gives the memory of an unfinished message back at its end by %s', async (_what, end) => {
    const settings = settingsWith({ hooks: echo })
    const pair = openPair({ settings })
    const budget: MemoryBudget = settings.budget
    pair.peer.write(text('a'.repeat(5000), { fin: false }))
    await turns()
    expect(budget.usedBytes).toBeGreaterThanOrEqual(5000)
    end(pair)
    await turns()
    expect(budget.usedBytes).toBe(0)
  })
})

describe('a Ping', () => {
  it('is answered by a Pong with its payload, at once and in order', async () => {
    const { peer } = openPair({ hooks: echo })
    peer.write(text('1'), ping('hi'), ping(), text('2'))
    expect(await peer.hex(3 + 4 + 2 + 3)).toBe('810131' + '8a026869' + '8a00' + '810132')
  })

  it('of the heartbeat has its Pong count for nothing where none was sent', async () => {
    const { socket, peer } = openPair()
    const pongs = vi.fn()
    socket.on('pong', pongs)
    peer.write(pong('upwire'))
    await turns()
    expect([socket.rtt, pongs.mock.calls]).toEqual([undefined, []])
  })

  it("is told as a 'ping' event, a Pong as a 'pong' event", async () => {
    const { socket, peer } = openPair()
    const events: string[] = []
    socket
      .on('ping', (payload) => events.push(`ping ${payload}`))
      .on('pong', (payload) => events.push(`pong ${payload}`))
    peer.write(ping('1'), pong('2'))
    await turns()
    expect(events).toEqual(['ping 1', 'pong 2'])
  })

  it('of many has the latest answered alone by a connection whose peer does not read', async () => {
    const transport = new BlockableTransport()
    const { socket } = open(transport, { hooks: {} })
    transport.block()
    socket.send(Buffer.alloc(64 * KIB))
    await turns()
    for (let count = 1; count <= 1000; count++) transport.arrive(ping(`ping ${count}`))
    await turns(10)
    const before = transport.writableLength
    expect(before).toBeLessThan(64 * KIB + 20)
    transport.unblock()
    await turns()
    expect(transport.written.subarray(before).toString('hex')).toBe(
      `8a09${Buffer.from('ping 1000').toString('hex')}`,
    )
  })

  it('is left to the program without autoPong', async () => {
    const { socket, peer } = openPair({ reception: { autoPong: false } })
    socket.on('ping', (payload) => socket.pong(`seen ${payload}`))
    peer.write(ping('1'))
    expect(await peer.texts(1)).toEqual(['seen 1'])
  })

  it.each([
    [3, OPEN],
    [4, CLOSED],
  ])('of %d, where 3 may wait for a peer to read, leaves the state %d', async (count, state) => {
    const transport = new BlockableTransport()
    const { socket } = open(transport, { reception: { maxPendingAutoPongs: 3 } })
    transport.block()
    socket.send(Buffer.alloc(64 * KIB))
    await turns()
    for (let sent = 0; sent < count; sent++) transport.arrive(ping())
    await turns(10)
    expect(socket.readyState).toBe(state)
  })

  it('that waits for a peer to read is not answered behind a Close frame', async () => {
    const transport = new BlockableTransport()
    const { socket } = open(transport, { hooks: {} })
    transport.block()
    socket.send(Buffer.alloc(64 * KIB))
    await turns()
    transport.arrive(ping())
    await turns()
    socket.close(1000)
    transport.unblock()
    await turns()
    expect(transport.written.subarray(10 + 64 * KIB).toString('hex')).toBe('880203e8')
  })

  it('of a flood costs a bounded amount, over a network', async () => {
    const { socket, peer, stream } = await openOverTcp()
    peer.stopReading()
    const flood = Buffer.concat(Array.from({ length: 1000 }, () => ping('x'.repeat(125))))
    for (let count = 0; count < 300; count++) peer.write(flood)
    let largest = 0
    while (peer.stream.writableLength > 0) {
      await once(stream, 'data')
      largest = Math.max(largest, socket.bufferedAmount)
    }
    expect(largest).toBeLessThan(256 * KIB)
    expect(socket.readyState).toBe(OPEN)
  })
})

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

describe('user code that fails', () => {
  const error = new Error('of the user')
  const fail = () => {
    throw error
  }
  const failLater = async () => {
    await turns(1)
    throw error
  }

  describe.each([
    ['throws', fail],
    ['rejects', failLater],
  ])('and %s', (_how, fails) => {
    const where: [
      name: string,
      options: PairOptions,
      provoke: (pair: ReturnType<typeof openPair>) => void,
    ][] = [
      ['the handler', { handler: fails }, () => {}],
      ['an open hook', { hooks: { open: fails } }, () => {}],
      ['a message hook', { hooks: { message: fails } }, ({ peer }) => peer.write(text('a'), text('b'))],
      ['a drain hook', { hooks: { drain: fails } }, ({ socket }) => socket.send(Buffer.alloc(100 * KIB))],
      [
        "a 'message' listener",
        { handler: (socket) => socket.on('message', fails) },
        ({ peer }) => peer.write(text('a')),
      ],
      [
        "a 'drain' listener",
        { handler: (socket) => socket.on('drain', fails) },
        ({ socket }) => socket.send(Buffer.alloc(100 * KIB)),
      ],
      [
        "a 'ping' listener",
        { handler: (socket) => socket.on('ping', fails) },
        ({ peer }) => peer.write(ping()),
      ],
      [
        "a 'pong' listener",
        { handler: (socket) => socket.on('pong', fails) },
        ({ peer }) => peer.write(pong()),
      ],
      [
        'a DOM-style listener',
        { handler: (socket) => socket.addEventListener('message', fails) },
        ({ peer }) => peer.write(text('a')),
      ],
    ]

    it.each(where)(
      'in %s is told to the error path once, and closes with 1011',
      async (_where, options, provoke) => {
        const pair = openPair(options)
        const closed = closeOf(pair.socket)
        provoke(pair)
        expect(await pair.peer.nextClose()).toEqual({ code: 1011, reason: '' })
        pair.peer.write(close(1011))
        expect(await closed).toEqual([1011, ''])
        expect(pair.userErrors).toEqual([error])
      },
    )

    const hooked = where.filter(([, { hooks }]) => hooks)
    it.each(hooked)(
      'in %s is told to the error hook instead, where there is one',
      async (_where, options, provoke) => {
        const hook = vi.fn()
        const pair = openPair({ hooks: { ...options.hooks, error: hook } })
        provoke(pair)
        expect(await pair.peer.nextClose()).toEqual({ code: 1011, reason: '' })
        await turns()
        expect([hook.mock.calls, pair.userErrors]).toEqual([[[pair.socket, error]], []])
      },
    )

    it('in a close hook or listener is told to the error path once', async () => {
      const hooked = openPair({ hooks: { close: fails } })
      const listened = openPair({ handler: (socket) => socket.on('close', fails) })
      for (const { peer } of [hooked, listened]) peer.write(close(1000))
      await turns(10)
      expect([hooked.userErrors, listened.userErrors]).toEqual([[error], [error]])
    })

    it("in an 'error' listener or hook is told to the error path once", async () => {
      const hooked = openPair({ hooks: { error: fails } })
      const listened = openPair({ handler: (socket) => socket.on('error', fails) })
      for (const { peer } of [hooked, listened]) peer.write(text('bad', { rsv: 1 }))
      await turns(10)
      expect([listened.userErrors, hooked.userErrors]).toEqual([[error], [error]])
    })

    it('in a callback is told to the error path, and the other callbacks are called', async () => {
      const others = vi.fn()
      const { socket, peer, userErrors } = openPair()
      socket.send('a', others)
      socket.send('b', fails)
      socket.send('c', others)
      await peer.frames(3)
      expect(await peer.nextClose()).toEqual({ code: 1011, reason: '' })
      expect([others.mock.calls.length, userErrors]).toEqual([2, [error]])
    })
  })

  it('in an error hook that is told of a failure is told to the error path', async () => {
    const second = new Error('of the error hook')
    const { peer, userErrors } = openPair({ hooks: { message: fail, error: () => Promise.reject(second) } })
    peer.write(text('a'))
    await peer.nextClose()
    await turns()
    expect(userErrors).toEqual([second])
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

describe('a peer that sends more messages than messageRate', () => {
  it('is closed with 1008, and what was too much is not delivered', async () => {
    const messages: unknown[] = []
    const { peer } = openPair({
      limits: { messageRate: 2 },
      hooks: { message: (_socket, data) => void messages.push(data) },
    })
    peer.write(...Array.from({ length: 30 }, (_, index) => text(String(index))))
    expect(await peer.nextClose()).toEqual({ code: 1008, reason: '' })
    expect(messages).toHaveLength(20)
  })

  it('is counted by messages, not by frames', async () => {
    const { peer, socket } = openPair({ limits: { messageRate: 2 }, hooks: {} })
    const fragments = Array.from({ length: 50 }, () => continuation('', { fin: false }))
    peer.write(
      text('', { fin: false }),
      ...fragments,
      ...Array.from({ length: 50 }, () => ping()),
      continuation(''),
    )
    await turns()
    expect(socket.readyState).toBe(OPEN)
  })
})
