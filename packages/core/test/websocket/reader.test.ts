import { once } from 'node:events'
import { binary, close, continuation, duplexPair, ping, text, watchEachTest } from '@upwire/testkit'
import { describe, expect, it, vi } from 'vitest'
import type { MemoryBudget } from '../../src/protocol/memory-budget.ts'
import type { ConnectionHooks } from '../../src/websocket/hooks.ts'
import { planFor } from '../../src/websocket/plan.ts'
import type { Receiver } from '../../src/websocket/receiver.ts'
import { open, openOverTcp, openPair, type PairOptions, settingsWith } from '../support/open-pair.ts'
import { turns } from '../support/turns.ts'

const KIB = 1024

watchEachTest()

/** Answers every message with itself. */
const echo: ConnectionHooks = { message: (socket, data) => void socket.send(data) }

describe('a connection', () => {
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

  it.each<[string, (pair: ReturnType<typeof openPair>) => unknown]>([
    ['a Close frame', ({ peer }) => peer.write(close(1000))],
    ['a Close frame between fragments', ({ peer }) => peer.write(text('a', { fin: false }), close(1000))],
    [
      'a reset within a message',
      async ({ peer }) => {
        peer.write(text('a', { fin: false }))
        await turns()
        peer.reset()
      },
    ],
    ['a broken rule', ({ peer }) => peer.write(text('bad', { rsv: 1 }))],
    ['terminate() in a hook', ({ peer }) => peer.write(text('terminate'), text('a', { fin: false }))],
  ])('has one receiver serve all connections, the one after the other, that end by %s', async (_how, end) => {
    const settings = settingsWith({
      hooks: {
        message(socket, data) {
          if (data === 'terminate') socket.terminate()
          else socket.send(data)
        },
      },
    })
    const take = vi.spyOn(planFor(settings).receivers, 'take')
    for (let count = 0; count < 5; count++) {
      const pair = openPair({ settings })
      pair.peer.write(text('a'))
      expect(await pair.peer.texts(1)).toEqual(['a'])
      await end(pair)
      await turns()
    }
    const used = new Set<Receiver>(take.mock.results.map(({ value }) => value))
    expect([take.mock.calls.length, used.size]).toEqual([10, 1])
  })

  it('gives no receiver to another connection while it is at work for one that has ended', async () => {
    const received: unknown[] = []
    const settings = settingsWith({
      hooks: {
        message(socket, data) {
          received.push(data)
          if (data !== 'end') return
          socket.terminate()
          other.stream.emit('data', text('other'))
        },
      },
    })
    const take = vi.spyOn(planFor(settings).receivers, 'take')
    const [pair, other] = [openPair({ settings }), openPair({ settings })]
    pair.peer.write(text('end'), text('behind'))
    await turns()
    expect([received, new Set(take.mock.results.map(({ value }) => value)).size]).toEqual([
      ['end', 'other'],
      2,
    ])
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
