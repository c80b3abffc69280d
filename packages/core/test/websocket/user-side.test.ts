import { close, continuation, ping, pong, text, watchEachTest } from '@upwire/testkit'
import { describe, expect, it, vi } from 'vitest'
import { WebSocket } from '../../src/websocket/websocket.ts'
import { closeOf } from '../support/close-of.ts'
import { openPair, type PairOptions } from '../support/open-pair.ts'
import { turns } from '../support/turns.ts'

const KIB = 1024
const { OPEN } = WebSocket

watchEachTest()

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
})

describe('a Ping or Pong', () => {
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

  it.each<[string, object]>([
    [
      'throws when it is called',
      {
        // biome-ignore lint/suspicious/noThenProperty: what makes it a promise.
        then() {
          throw error
        },
      },
    ],
    ['throws when it is read', Object.defineProperty({}, 'then', { get: fail })],
  ])('in a promise whose `then` %s is told to the error path, and close is told', async (_how, broken) => {
    const closed = vi.fn()
    const returned = () => broken
    const pairs = [
      openPair({ hooks: { message: returned, close: closed } }),
      openPair({ hooks: { open: returned, close: closed } }),
      openPair({ handler: (socket) => socket.on('close', closed) && broken }),
    ]
    for (const { peer } of pairs) {
      peer.write(text('a'))
      expect(await peer.nextClose()).toEqual({ code: 1011, reason: '' })
      peer.write(close(1011))
    }
    await turns()
    expect(pairs.map(({ userErrors }) => userErrors)).toEqual([[error], [error], [error]])
    expect(closed).toHaveBeenCalledTimes(3)
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
