import { once } from 'node:events'
import { close, continuation, ping, pong, text, watchEachTest } from '@upwire/testkit'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { ConnectionHooks } from '../../src/websocket/hooks.ts'
import { WebSocket } from '../../src/websocket/websocket.ts'
import { BlockableTransport } from '../support/blockable-transport.ts'
import { closeOf } from '../support/close-of.ts'
import { HIGH_WATER_MARK, openBlockable } from '../support/open-blockable.ts'
import { open, openOverTcp, openPair, settingsWith } from '../support/open-pair.ts'
import { turns } from '../support/turns.ts'

const KIB = 1024
const { OPEN, CLOSING, CLOSED } = WebSocket

watchEachTest()

/** Answers every message with itself. */
const echo: ConnectionHooks = { message: (socket, data) => void socket.send(data) }

describe('liveness', () => {
  const limits = { pingInterval: 1000, pongTimeout: 400, closeTimeout: 800, messageTimeout: 1000 }

  beforeEach(async () => {
    await turns()
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] })
  })
  afterEach(() => void vi.useRealTimers())

  async function pass(milliseconds: number): Promise<void> {
    for (let left = milliseconds; left > 0; left -= 50) {
      vi.advanceTimersByTime(Math.min(left, 50))
      await turns(2)
    }
  }

  it('is asked of a silent peer with a Ping, whose answer gives the rtt and is no event', async () => {
    const { socket, peer } = openPair({ limits })
    const pongs = vi.fn()
    socket.on('pong', pongs)
    expect(socket.rtt).toBeUndefined()
    await pass(700)
    expect(peer.received.toString('hex')).toBe('')
    await pass(300)
    const [frame] = await peer.frames(1)
    expect(frame.opcode).toBe(0x9)
    vi.advanceTimersByTime(30)
    peer.write(pong(frame.payload))
    await turns()
    expect(socket.rtt).toBeGreaterThanOrEqual(30)
    expect(socket.rtt).toBeLessThanOrEqual(80)
    await pass(700)
    expect([socket.readyState, pongs.mock.calls.length]).toEqual([OPEN, 0])
  })

  it('is not asked while anything arrives, be it one byte of a frame', async () => {
    const { socket, peer } = openPair({ limits: { ...limits, messageTimeout: 0 } })
    for (const byte of text('slowly')) {
      peer.write(Buffer.of(byte))
      await pass(700)
    }
    expect([peer.received.length, socket.readyState]).toEqual([0, OPEN])
  })

  it('that is not shown in time ends the connection as 1006, timeout', async () => {
    const hook = vi.fn()
    const { socket, stream, ended } = openPair({ limits, hooks: { close: hook } })
    const closed = closeOf(socket)
    await pass(limits.pingInterval + limits.pongTimeout)
    expect(await closed).toEqual([1006, 'timeout'])
    expect(hook.mock.calls).toEqual([[socket, 1006, 'timeout']])
    expect([stream.destroyed, ended]).toEqual([true, [socket]])
  })

  it('lets a message that is read while it arrives take any time, if some of it comes', async () => {
    const { socket, peer } = openPair({ limits, messages: 'streamed' })
    peer.write(text('0', { fin: false }))
    const { value: message } = await socket.streams().next()
    const outcome = message?.text().catch((error) => error.code)
    for (const part of ['1', '2', '3', '4']) {
      await pass(600)
      peer.write(continuation(part, { fin: false }))
    }
    expect(socket.readyState).toBe(OPEN)
    await pass(600)
    peer.write(continuation('', { fin: false }))
    await pass(600)
    expect(await outcome).toBe('UPWIRE_UNFINISHED_MESSAGE')
    expect(await peer.nextClose()).toMatchObject({ code: 1008 })
  })

  it('is shown by a message instead of the Pong', async () => {
    const { socket, peer } = openPair({ limits })
    await pass(1100)
    expect(await peer.frames(1)).toHaveLength(1)
    peer.write(text('busy'))
    await pass(700)
    expect(socket.readyState).toBe(OPEN)
  })

  it('is not asked while we are the ones who do not read', async () => {
    const { socket, peer } = openPair({ limits })
    await turns()
    socket.pause()
    await pass(5000)
    expect([peer.received.length, socket.readyState]).toEqual([0, OPEN])
  })

  it('is not asked with a pingInterval of 0', async () => {
    const { socket, peer } = openPair({ limits: { ...limits, pingInterval: 0 } })
    await pass(10_000)
    expect([peer.received.length, socket.readyState]).toEqual([0, OPEN])
  })

  it('of a message that is not finished in time ends with 1008', async () => {
    const { socket, peer } = openPair({ limits })
    const errors: unknown[] = []
    socket.on('error', (error) => errors.push((error as { code?: string }).code))
    await pass(900)
    peer.write(text('first part', { fin: false }))
    for (let count = 0; count < 3; count++) {
      await pass(200)
      peer.write(continuation('', { fin: false }))
    }
    expect(socket.readyState).toBe(OPEN)
    await pass(700)
    expect(await peer.nextClose()).toEqual({ code: 1008, reason: '' })
    await turns()
    expect([errors, socket.readyState]).toEqual([['UPWIRE_UNFINISHED_MESSAGE'], CLOSED])
  })

  it('of a message is measured for one and the same message', async () => {
    const { socket, peer } = openPair({ limits, hooks: echo })
    for (let count = 0; count < 10; count++) {
      peer.write(text('a', { fin: false }))
      await pass(400)
      peer.write(continuation('b'), text('c', { fin: false }))
      await pass(400)
      peer.write(continuation('d'))
    }
    expect(socket.readyState).toBe(OPEN)
  })

  it('of the closing handshake is limited: no answer ends the connection', async () => {
    const { socket, stream, peer } = openPair({ limits })
    peer.keepOpen()
    const closed = closeOf(socket)
    socket.close(1000)
    await pass(700)
    expect(socket.readyState).toBe(CLOSING)
    await pass(400)
    expect([await closed, stream.destroyed]).toEqual([[1006, ''], true])
  })

  it('of the closing handshake is limited: no end of the stream ends it with the code of the peer', async () => {
    const { socket, stream, peer } = openPair({ limits })
    peer.keepOpen()
    const closed = closeOf(socket)
    peer.write(close(4000, 'bye'))
    await pass(700)
    expect(socket.readyState).toBe(CLOSING)
    await pass(400)
    expect([await closed, stream.destroyed]).toEqual([[4000, 'bye'], true])
  })

  it.each<[string, (transport: BlockableTransport) => void]>([
    ['a protocol error', (transport) => transport.arrive(text('bad', { rsv: 1 }))],
    ['FIN', (transport) => transport.push(null)],
  ])('of a peer that does not read our last bytes is limited after %s', async (_what, end) => {
    const transport = new BlockableTransport()
    const { socket } = open(transport, { limits })
    await turns()
    transport.block()
    socket.send('not read')
    end(transport)
    await pass(700)
    expect([transport.destroyed, socket.readyState]).toEqual([false, CLOSING])
    await pass(400)
    expect([transport.destroyed, socket.readyState]).toEqual([true, CLOSED])
  })

  it.each<[string, number, (pair: ReturnType<typeof openPair>) => void]>([
    ['a Close frame', 4000, ({ peer }) => peer.write(close(4000))],
    ['FIN', 1006, ({ peer }) => peer.end()],
    ['RST', 1006, ({ stream }) => stream.destroy()],
  ])(
    'of an async handler is limited that itself waits for the close, while a message is held: %s',
    async (_what, code, end) => {
      const handled = vi.fn()
      const pair = openPair({
        limits,
        async handler(socket) {
          handled(await closeOf(socket))
        },
      })
      pair.peer.write(text('for nobody'))
      await turns()
      end(pair)
      await pass(700)
      expect(handled).not.toHaveBeenCalled()
      await pass(400)
      expect(handled.mock.calls).toEqual([[[code, '']]])
      expect(vi.getTimerCount()).toBe(0)
    },
  )

  it('of an async hook is limited: the peer is left, the close comes when the hook is done', async () => {
    const events: string[] = []
    let finish = () => {}
    const { peer, stream } = openPair({
      limits,
      hooks: {
        async message(_socket, data) {
          await new Promise<void>((resolve) => {
            finish = resolve
          })
          events.push(`done with ${data}`)
        },
        close: (_socket, code) => void events.push(`close ${code}`),
      },
    })
    peer.write(text('1'), text('2'), close(1000))
    await pass(1100)
    expect([stream.destroyed, events]).toEqual([true, []])
    for (const expected of ['done with 1', 'done with 2']) {
      finish()
      await turns()
      expect(events).toContain(expected)
    }
    expect(events).toEqual(['done with 1', 'done with 2', 'close 1000'])
    await pass(1100)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('of a connection without messages ends it with 1001, where idleTimeout says so', async () => {
    const { socket, peer } = openPair({ limits: { ...limits, idleTimeout: 2000 } })
    const answer = setIntervalOfPongs(peer)
    await pass(1500)
    peer.write(text('a'))
    await pass(1500)
    socket.send('b')
    await pass(1500)
    expect(socket.readyState).toBe(OPEN)
    await pass(600)
    expect(await peer.nextClose()).toEqual({ code: 1001, reason: 'Idle' })
    answer.stop()
  })

  /** Shows that it lives, as a browser does, without a message. */
  function setIntervalOfPongs(peer: { write(bytes: Uint8Array): void }): { stop(): void } {
    const timer = setInterval(() => peer.write(pong()), 200)
    return { stop: () => clearInterval(timer) }
  }

  it('of a connection that begins after a long quiet time is counted from its beginning', async () => {
    const settings = settingsWith({ limits: { ...limits, pingInterval: 0, idleTimeout: 2000 } })
    const first = openPair({ settings })
    first.socket.terminate()
    await turns()
    vi.advanceTimersByTime(3_600_000)
    const second = openPair({ settings })
    await pass(1500)
    expect(second.socket.readyState).toBe(OPEN)
    await pass(600)
    expect(second.socket.readyState).toBe(CLOSING)
  })

  it('of 1,000 connections takes one timer, which is gone with the last', async () => {
    const settings = settingsWith({ limits })
    const pairs = Array.from({ length: 1000 }, () => openPair({ settings }))
    expect(vi.getTimerCount()).toBe(1)
    for (const { socket } of pairs) socket.terminate()
    await turns()
    expect(vi.getTimerCount()).toBe(0)
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

describe('a Pong that waits for a peer to read', () => {
  it('leaves when it has read', async () => {
    const { socket, transport } = openBlockable({ hooks: {} })
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
    const { transport } = openBlockable({ hooks: {} })
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
