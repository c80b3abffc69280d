import { type EventEmitter, on, once } from 'node:events'
import { binary, close, ping, pong, text, watchEachTest } from '@upwire/testkit'
import { describe, expect, it, vi } from 'vitest'
import { decodeText } from '../../src/websocket/delivery.ts'
import type { ConnectionHooks, Message } from '../../src/websocket/hooks.ts'
import { MAX_HELD_BYTES, MAX_HELD_MESSAGES } from '../../src/websocket/limits.ts'
import type { WebSocket } from '../../src/websocket/websocket.ts'
import { openOverTcp, openPair, type PairOptions } from '../support/open-pair.ts'
import { turns } from '../support/turns.ts'

const KIB = 1024

watchEachTest()

/** A promise, and what settles it. */
function deferred<Value = void>() {
  let resolve: (value: Value) => void = () => {}
  let reject: (error: unknown) => void = () => {}
  const promise = new Promise<Value>((...settlers) => {
    ;[resolve, reject] = settlers
  })
  return { promise, resolve, reject }
}

const numbered = (count: number, start = 0) =>
  Array.from({ length: count }, (_, index) => String(start + index))
const texts = (messages: string[]) => messages.map((message) => text(message))

/** Hooks that note what they are given. */
function noting() {
  const messages: Message[] = []
  return { messages, hooks: { message: (_socket: WebSocket, data: Message) => void messages.push(data) } }
}

/** Notes 'message' and 'close' events from the moment it is called. */
function noteEvents(socket: WebSocket): string[] {
  const events: string[] = []
  socket.on('message', (data) => events.push(String(data)))
  socket.on('close', (code) => events.push(`close ${code}`))
  return events
}

describe('a message hook', () => {
  it('gets text as a string, binary as a Buffer, in order, on its object', async () => {
    const calls: unknown[] = []
    const hooks: ConnectionHooks = {
      message(...args) {
        calls.push([this === hooks, ...args])
      },
    }
    const { socket, peer } = openPair({ hooks })
    peer.write(text('Hello'), binary(Buffer.of(1, 2)), text('€'), text(''), binary(Buffer.alloc(0)))
    await turns()
    expect(calls).toEqual([
      [true, socket, 'Hello', false],
      [true, socket, Buffer.of(1, 2), true],
      [true, socket, '€', false],
      [true, socket, '', false],
      [true, socket, Buffer.alloc(0), true],
    ])
  })

  it('gets the same when its messages had to wait', async () => {
    const opening = deferred()
    const messages: unknown[] = []
    const { peer } = openPair({
      hooks: { open: () => opening.promise, message: (_socket, ...message) => void messages.push(message) },
    })
    peer.write(text('€'), binary(Buffer.of(1, 2)))
    await turns()
    opening.resolve()
    await turns()
    expect(messages).toEqual([
      ['€', false],
      [Buffer.of(1, 2), true],
    ])
  })

  it('that is async gets the next message when it is done with the one before', async () => {
    const events: string[] = []
    const works = [deferred(), deferred(), deferred()]
    const { peer } = openPair({
      hooks: {
        async message(_socket, data) {
          events.push(`begin ${data}`)
          await works[Number(data)].promise
          events.push(`end ${data}`)
        },
      },
    })
    peer.write(...texts(['0', '1', '2']))
    await turns()
    expect(events).toEqual(['begin 0'])
    works[2].resolve()
    works[0].resolve()
    await turns()
    expect(events).toEqual(['begin 0', 'end 0', 'begin 1'])
    works[1].resolve()
    await turns()
    expect(events).toEqual(['begin 0', 'end 0', 'begin 1', 'end 1', 'begin 2', 'end 2'])
  })

  it('that is async for one message only delays the ones behind it', async () => {
    const work = deferred()
    const { messages, hooks } = noting()
    const { peer } = openPair({
      hooks: {
        message(socket, data) {
          hooks.message(socket, data)
          return data === '1' ? work.promise : undefined
        },
      },
    })
    peer.write(...texts(numbered(4)))
    await turns()
    expect(messages).toEqual(['0', '1'])
    work.resolve()
    await turns()
    peer.write(text('4'))
    await turns()
    expect(messages).toEqual(numbered(5))
  })

  it('that is async gets 100,000 messages of one chunk, one at a time', async () => {
    let [count, atOnce, most] = [0, 0, 0]
    const { socket, peer } = openPair({
      hooks: {
        async message() {
          most = Math.max(most, ++atOnce)
          await Promise.resolve()
          atOnce--
          count++
        },
      },
    })
    const message = text('')
    peer.write(Buffer.concat(Array.from({ length: 100_000 }, () => message)), close(1000))
    await once(socket, 'close')
    expect([count, most]).toEqual([100_000, 1])
  })

  it('may return a promise of another library', async () => {
    const settlers: (() => void)[] = []
    const { messages, hooks } = noting()
    const { peer } = openPair({
      hooks: {
        message(socket, data) {
          hooks.message(socket, data)
          return Object.fromEntries([['then', (settled: () => void) => void settlers.push(settled)]])
        },
      },
    })
    peer.write(...texts(['0', '1']))
    await turns()
    expect(messages).toEqual(['0'])
    settlers[0]()
    await turns()
    expect(messages).toEqual(['0', '1'])
  })

  it('that has been async gets the next ones as they arrive, binary too', async () => {
    const messages: unknown[] = []
    const { peer } = openPair({ hooks: { message: async (_socket, data) => void messages.push(data) } })
    for (const message of [text('0'), binary(Buffer.of(1)), text('2')]) {
      peer.write(message)
      await turns()
    }
    expect(messages).toEqual(['0', Buffer.of(1), '2'])
  })

  it('that is missing has its messages dropped, also after a pause', async () => {
    const { socket, peer } = openPair({ hooks: { open: (socket) => socket.pause() } })
    peer.write(...texts(numbered(5000)), ping('p'))
    await turns()
    socket.resume()
    expect(await peer.texts(1)).toEqual(['p'])
  })

  it('that is missing has its messages dropped, control frames go on', async () => {
    const { peer, socket } = openPair({ hooks: { close() {} } })
    peer.write(...texts(numbered(5000)), ping('p'))
    expect(await peer.texts(1)).toEqual(['p'])
    peer.write(close(1000))
    expect((await once(socket, 'close'))[0]).toBe(1000)
  })
})

describe('an open hook', () => {
  it('that is async has messages wait for it, and for nothing else', async () => {
    const opening = deferred()
    const { messages, hooks } = noting()
    const { peer } = openPair({ hooks: { ...hooks, open: () => opening.promise } })
    peer.write(...texts(numbered(3)))
    await turns()
    expect(messages).toEqual([])
    opening.resolve()
    await turns()
    expect(messages).toEqual(numbered(3))
  })

  it('runs before any message, those behind the handshake too', async () => {
    const events: unknown[] = []
    const { hooks } = noting()
    openPair({
      head: text('early'),
      hooks: {
        open() {
          events.push('open')
        },
        message(socket, data) {
          hooks.message(socket, data)
          events.push(data)
        },
      },
    })
    expect(events).toEqual(['open'])
    await turns()
    expect(events).toEqual(['open', 'early'])
  })

  it('that pauses and resumes gets no message before it has returned', async () => {
    const events: unknown[] = []
    openPair({
      head: text('early'),
      hooks: {
        open(socket) {
          socket.pause()
          socket.resume()
          events.push('opened')
        },
        message: (_socket, data) => void events.push(data),
      },
    })
    await turns()
    expect(events).toEqual(['opened', 'early'])
  })

  it('that pauses keeps messages away until somebody resumes', async () => {
    const { messages, hooks } = noting()
    const { socket, peer } = openPair({
      head: text('0'),
      hooks: { ...hooks, open: (socket) => socket.pause() },
    })
    peer.write(text('1'))
    await turns()
    expect(messages).toEqual([])
    socket.resume()
    await turns()
    expect(messages).toEqual(['0', '1'])
  })
})

describe("a 'message' listener", () => {
  it('gets a Buffer and whether it is binary', async () => {
    const seen: unknown[] = []
    const { peer } = openPair({ handler: (socket) => socket.on('message', (...args) => seen.push(args)) })
    peer.write(text('€'), binary(Buffer.of(1, 2)))
    await turns()
    expect(seen).toEqual([
      [Buffer.from('€'), false],
      [Buffer.of(1, 2), true],
    ])
  })

  it.each(['nodebuffer', 'arraybuffer', 'fragments', 'blob'] as const)(
    'gets binary as the binaryType %s says, text as a Buffer',
    async (binaryType) => {
      const shapes = {
        nodebuffer: expect.any(Buffer),
        arraybuffer: expect.any(ArrayBuffer),
        fragments: [expect.any(Buffer)],
        blob: expect.any(Blob),
      }
      const seen: unknown[] = []
      const { socket, peer } = openPair({
        handler: (socket) => socket.on('message', (data) => seen.push(data)),
      })
      socket.binaryType = binaryType
      peer.write(binary(Buffer.of(1)), text('a'))
      await turns()
      expect(seen).toEqual([shapes[binaryType], Buffer.from('a')])
    },
  )

  it('gets what was held for it, in order, also when it comes after 100 turns of the loop', async () => {
    const { socket, peer } = openPair({ head: text('0') })
    peer.write(text('1'), text('2'))
    await turns(100)
    const events = noteEvents(socket)
    expect(events).toEqual([])
    peer.write(text('3'))
    await turns()
    expect(events).toEqual(numbered(4))
  })

  it('gets what was held when the code that added it has run', async () => {
    const { socket } = openPair({ head: text('0') })
    await turns()
    const events: string[] = []
    socket.on('message', () => events.push('first'))
    socket.on('message', () => events.push('second'))
    events.push('added')
    await turns()
    expect(events).toEqual(['added', 'first', 'second'])
  })

  it.each<[string, (socket: WebSocket, listener: () => void) => void]>([
    ['on', (socket, listener) => socket.on('message', listener)],
    ['once', (socket, listener) => socket.once('message', listener)],
    ['addListener', (socket, listener) => socket.addListener('message', listener)],
    ['prependListener', (socket, listener) => socket.prependListener('message', listener)],
    ['prependOnceListener', (socket, listener) => socket.prependOnceListener('message', listener)],
    ['events.once', (socket, listener) => void once(socket as EventEmitter, 'message').then(listener)],
    [
      'events.on',
      (socket, listener) =>
        void on(socket as EventEmitter, 'message')
          .next()
          .then(listener),
    ],
    ['addEventListener', (socket, listener) => socket.addEventListener('message', listener)],
    [
      'onmessage',
      (socket, listener) => {
        socket.onmessage = listener
      },
    ],
  ])('may come by %s', async (_way, add) => {
    const { socket } = openPair({ head: text('held') })
    const listener = vi.fn()
    await turns()
    add(socket, listener)
    await turns()
    expect(listener).toHaveBeenCalledTimes(1)
  })

  it('may be there before the connection', async () => {
    const seen: string[] = []
    const { peer } = openPair({
      handler: (socket) => {
        socket.on('message', (data) => seen.push(String(data)))
      },
    })
    peer.write(text('0'))
    await turns()
    expect(seen).toEqual(['0'])
  })

  it('is not what a listener for another event is', async () => {
    const { socket, peer } = openPair({ head: text('0') })
    socket.on('close', () => {}).on('ping', () => {})
    await turns()
    const events = noteEvents(socket)
    peer.write(close(1000))
    await once(socket, 'close')
    expect(events).toEqual(['0', 'close 1000'])
  })

  it('of an async handler that awaits something before gets every message', async () => {
    const session = deferred()
    const events: string[] = []
    const { peer } = openPair({
      head: text('0'),
      async handler(socket) {
        await session.promise
        socket.on('message', (data) => events.push(String(data)))
      },
    })
    peer.write(...texts(numbered(999, 1)))
    await turns(10)
    session.resolve()
    await turns()
    expect(events).toEqual(numbered(1000))
  })

  it('that is async does not delay the next message', async () => {
    const events: string[] = []
    const { peer } = openPair({
      handler: (socket) =>
        socket.on('message', async (data) => {
          events.push(`begin ${data}`)
          await turns(1)
          events.push(`end ${data}`)
        }),
    })
    peer.write(...texts(['0', '1']))
    await turns(5)
    expect(events).toEqual(['begin 0', 'begin 1', 'end 0', 'end 1'])
  })
})

describe('what is held', () => {
  it.each([
    ['bytes', 4 * KIB, MAX_HELD_BYTES / (4 * KIB)],
    ['messages', 1, MAX_HELD_MESSAGES],
  ])('is bounded in %s: the peer has to wait, and nothing is lost', async (_what, size, bound) => {
    const { socket, stream, peer } = await openOverTcp()
    const count = bound * 100
    const payload = Buffer.alloc(size, 'x')
    for (let sent = 0; sent < count; sent++) peer.write(binary(payload))
    while (!stream.isPaused()) await turns(1)
    await turns(10)
    expect(stream.readableLength).toBeLessThan(256 * KIB)
    let received = 0
    socket.on('message', (data) => {
      received++
      if (!payload.equals(data as Buffer)) throw new Error(`Message ${received} is not what was sent`)
    })
    peer.write(close(1000))
    await once(socket, 'close')
    expect(received).toBe(count)
  })

  it('is bounded while an async hook is at work', async () => {
    const work = deferred()
    const { messages, hooks } = noting()
    const { stream, peer, socket } = openPair({
      hooks: {
        message(socket, data) {
          hooks.message(socket, data)
          return work.promise
        },
      },
    })
    for (let start = 0; start < 10_000; start += 100) peer.write(...texts(numbered(100, start)))
    peer.write(close(1000))
    await turns(10)
    expect([messages.length, stream.isPaused()]).toEqual([1, true])
    work.resolve()
    await once(socket, 'close')
    expect(messages).toEqual(numbered(10_000))
  })

  it('is delivered before the close, however the peer went', async () => {
    for (const leave of ['close', 'end', 'reset'] as const) {
      const session = deferred()
      const { socket, stream, peer, ended } = await openOverTcp({
        handler: async (socket) => {
          await session.promise
          noted = noteEvents(socket)
        },
      })
      let noted: string[] = []
      peer.write(...texts(numbered(3)))
      await once(stream, 'resume')
      if (leave === 'close') peer.write(close(1000))
      await turns(5)
      if (leave !== 'close') peer[leave]()
      while (leave !== 'close' && ended.length === 0) await turns(1)
      session.resolve()
      await once(socket, 'close')
      expect(noted, leave).toEqual([...numbered(3), leave === 'close' ? 'close 1000' : 'close 1006'])
    }
  })

  it('does not keep the close from a handler that never listens', async () => {
    const { socket, peer } = openPair({ handler: () => {} })
    peer.write(...texts(numbered(10)), close(1000))
    expect((await once(socket, 'close'))[0]).toBe(1000)
  })

  it('does not keep the end from a handler that never listens when the peer resets, however much is held', async () => {
    const closed = vi.fn()
    const { ended, peer, stream } = openPair({ handler: (socket) => void socket.on('close', closed) })
    peer.write(...texts(numbered(3000)))
    await turns(5)
    expect(stream.isPaused()).toBe(true)
    stream.destroy()
    await turns(5)
    expect([ended.length, closed.mock.calls.length]).toEqual([1, 1])
  })

  it('is still there after the close for a listener that comes late', async () => {
    const { socket, peer } = openPair({ handler: () => {} })
    peer.write(text('0'), close(1000))
    await once(socket, 'close')
    const events = noteEvents(socket)
    await turns()
    expect(events).toEqual(['0'])
  })
})

describe('pause() and resume()', () => {
  it('keep messages away and let them come, none lost', async () => {
    const { socket, peer } = openPair()
    const events = noteEvents(socket)
    await turns()
    socket.pause()
    expect(socket.isPaused).toBe(true)
    peer.write(...texts(numbered(5)))
    await turns(10)
    expect(events).toEqual([])
    socket.resume()
    expect(socket.isPaused).toBe(false)
    await turns()
    expect(events).toEqual(numbered(5))
  })

  it('keep everything else away too', async () => {
    const { socket, peer } = openPair()
    await turns()
    socket.pause()
    peer.write(ping('p'))
    await turns(10)
    expect(peer.received.toString('hex')).toBe('')
    socket.resume()
    expect(await peer.texts(1)).toEqual(['p'])
  })

  it('stop the messages of a chunk in its middle', async () => {
    const { messages, hooks } = noting()
    const { socket, peer } = openPair({
      hooks: {
        message(socket, data) {
          hooks.message(socket, data)
          if (data === '1') socket.pause()
        },
      },
    })
    peer.write(...texts(numbered(4)))
    await turns(10)
    expect(messages).toEqual(['0', '1'])
    socket.resume()
    await turns()
    expect(messages).toEqual(numbered(4))
  })

  it.each(['at once', 'in the next turn', 'by a microtask'])(
    'may be called for each of 100,000 messages of one chunk, resuming %s',
    async (when) => {
      const count = when === 'in the next turn' ? 10_000 : 100_000
      let received = 0
      const { socket, peer } = openPair({
        handler: (socket) =>
          socket.on('message', () => {
            received++
            socket.pause()
            if (when === 'at once') socket.resume()
            else if (when === 'by a microtask') queueMicrotask(() => socket.resume())
            else setImmediate(() => socket.resume())
          }),
      })
      const message = text('')
      peer.write(Buffer.concat(Array.from({ length: count }, () => message)), close(1000))
      await once(socket, 'close')
      expect(received).toBe(count)
    },
  )

  it('may be called while held messages are delivered', async () => {
    const { socket } = openPair({ head: Buffer.concat(texts(numbered(6))) })
    await turns()
    const events: string[] = []
    socket.on('message', (data) => {
      events.push(String(data))
      socket.pause()
      if (String(data) !== '2') socket.resume()
    })
    await turns()
    expect(events).toEqual(numbered(3))
    socket.resume()
    expect(events).toEqual(numbered(6))
  })

  it('hold a loop as well', async () => {
    const { socket, peer } = openPair({ head: text('0') })
    const messages = socket[Symbol.asyncIterator]()
    socket.pause()
    const next = messages.next()
    peer.write(text('1'))
    await turns(10)
    socket.resume()
    expect([(await next).value, (await messages.next()).value]).toEqual(['0', '1'])
  })

  it('do not mind being called twice, or without need', async () => {
    const { socket, peer } = openPair()
    const events = noteEvents(socket)
    socket.resume()
    socket.pause()
    socket.pause()
    socket.resume()
    socket.resume()
    peer.write(text('0'))
    await turns()
    expect(events).toEqual(['0'])
  })
})

describe('user code that throws', () => {
  const error = new Error('of the user')

  it.each<[string, ConnectionHooks]>([
    [
      'at once',
      {
        message() {
          throw error
        },
      },
    ],
    ['later', { message: () => Promise.reject(error) }],
  ])('%s in a message hook gets no message any more', async (_when, hooks) => {
    const { socket, peer, userErrors } = openPair({ hooks: { message: vi.fn(hooks.message) } })
    peer.write(...texts(numbered(5)))
    expect(await peer.nextClose()).toEqual({ code: 1011, reason: '' })
    peer.write(...texts(numbered(5)), close(1011))
    await once(socket, 'close')
    expect(userErrors).toEqual([error])
  })

  it('in a listener gets no message any more, held ones neither, nor does a later listener', async () => {
    const { socket, peer, userErrors } = openPair({ head: Buffer.concat(texts(numbered(5))) })
    await turns()
    const listener = vi.fn(() => {
      throw error
    })
    socket.on('message', listener)
    expect(await peer.nextClose()).toEqual({ code: 1011, reason: '' })
    const events = noteEvents(socket)
    peer.write(...texts(numbered(5)), close(1011))
    await once(socket, 'close')
    expect([listener.mock.calls.length, userErrors, events]).toEqual([1, [error], ['close 1011']])
  })

  it('beside a loop ends that loop with the connection', async () => {
    const { socket, peer, userErrors } = openPair()
    const messages = socket[Symbol.asyncIterator]()
    const next = messages.next()
    socket.on('ping', () => {
      throw error
    })
    peer.write(ping(), text('0'))
    await turns()
    const another = socket[Symbol.asyncIterator]().next()
    peer.write(text('1'), close(1011))
    const done = { done: true, value: undefined }
    expect([await next, await another, await messages.next()]).toEqual([done, done, done])
    expect(userErrors).toEqual([error])
  })

  it('in an async handler that never listened closes the connection although messages are held', async () => {
    const session = deferred()
    const { socket, peer, userErrors } = openPair({ handler: () => session.promise })
    peer.write(...texts(numbered(3000)))
    await turns(5)
    session.reject(error)
    expect(await peer.nextClose()).toEqual({ code: 1011, reason: '' })
    const events = noteEvents(socket)
    peer.write(text('too late'), close(1011))
    await once(socket, 'close')
    expect([userErrors, events]).toEqual([[error], ['close 1011']])
  })

  it('has the connection end at once, also where much was held and the error came from elsewhere', async () => {
    const { socket, peer, userErrors } = openPair()
    socket.on('drain', () => {
      throw error
    })
    peer.write(...texts(numbered(3000)), close(1000))
    await turns(5)
    socket.send(Buffer.alloc(100 * KIB))
    await once(socket, 'close')
    expect(userErrors).toEqual([error])
  })
})

describe('without synchronous events', () => {
  const reception = { allowSynchronousEvents: false }

  /** Notes events, and when the event loop has turned. */
  function noteTurns(socket: WebSocket): string[] {
    const events: string[] = []
    const note = (event: string) => {
      events.push(event)
      setImmediate(() => events.push('turn'))
    }
    socket.on('message', (data) => note(String(data)))
    socket.on('stream', (message) => {
      message.cancel()
      note('stream')
    })
    socket.on('ping', (payload) => note(`ping ${payload}`)).on('pong', (payload) => note(`pong ${payload}`))
    socket.on('close', (code) => events.push(`close ${code}`))
    return events
  }

  it('the loop turns after each message, Ping and Pong, and close comes last', async () => {
    const { socket, peer } = openPair({ reception })
    const events = noteTurns(socket)
    peer.write(text('1'), ping('2'), pong('3'), text('4'), close(1000))
    await once(socket, 'close')
    expect(events).toEqual(['1', 'turn', 'ping 2', 'turn', 'pong 3', 'turn', '4', 'turn', 'close 1000'])
  })

  it('it turns too where messages are read while they arrive', async () => {
    const { socket, peer } = openPair({ reception, messages: 'streamed' })
    const events = noteTurns(socket)
    peer.write(ping('1'), ping('2'), pong('3'), ...texts(['4', '5']), close(1000))
    await once(socket, 'close')
    const told = ['ping 1', 'ping 2', 'pong 3', 'stream', 'stream']
    expect(events).toEqual([...told.flatMap((event) => [event, 'turn']), 'close 1000'])
  })

  it('it turns after each of those that were held, too, and after a pause', async () => {
    const { socket, peer } = openPair({ reception })
    peer.write(text('1'))
    await turns()
    peer.write(text('2'), text('3'))
    await turns()
    const events = noteTurns(socket)
    socket.pause()
    await turns()
    expect(events).toEqual([])
    socket.resume()
    socket.close(1000)
    peer.write(close(1000))
    await once(socket, 'close')
    expect(events).toEqual(['1', 'turn', '2', 'turn', '3', 'turn', 'close 1000'])
  })
})

describe('what nobody listens for', () => {
  const half = 'x'.repeat(MAX_HELD_BYTES / 2)

  it.each([
    ['hold', ['x', half, half]],
    ['drop', ['last']],
  ] as const)('beyond what is held, with %s, leaves %j', async (unheard, left) => {
    const { socket, peer } = openPair({ reception: { unheard } })
    peer.write(...texts(['x', half, half]))
    await turns()
    peer.write(text('last'))
    await turns()
    const heard: string[] = []
    socket.on('message', (data) => heard.push(String(data)))
    await turns(1)
    expect(heard.slice(0, left.length)).toEqual(left)
    socket.terminate()
  })

  it('does not keep the peer from closing, where it is dropped', async () => {
    const { socket, peer } = openPair({ reception: { unheard: 'drop' } })
    peer.write(...texts([half, half, half]), close(1000))
    const [code] = await once(socket, 'close')
    expect(code).toBe(1000)
  })

  it('does not keep the peer from closing, where it is streamed and dropped', async () => {
    const { socket, peer } = openPair({ messages: 'streamed', reception: { unheard: 'drop' } })
    peer.write(...texts([half, half, half]), close(1000))
    expect((await once(socket, 'close'))[0]).toBe(1000)
  })

  it('is dropped, where it began to be streamed while the handler was at work', async () => {
    const { promise, resolve } = deferred()
    const { socket, peer } = openPair({
      messages: 'streamed',
      reception: { unheard: 'drop' },
      handler: () => promise,
    })
    peer.write(text('a'))
    await turns()
    resolve()
    peer.write(text('b'), close(1000))
    expect((await once(socket, 'close'))[0]).toBe(1000)
  })

  it('is not dropped while the handler is still at work', async () => {
    const { promise, resolve } = deferred()
    const heard: string[] = []
    const handler = async (socket: WebSocket) => {
      await promise
      socket.on('message', (data) => heard.push(String(data).slice(0, 1)))
    }
    const { socket, peer } = openPair({ reception: { unheard: 'drop' }, handler })
    peer.write(...texts(['a', half, half, 'b']))
    await turns()
    resolve()
    await turns()
    expect(heard).toEqual(['a', 'x', 'x', 'b'])
    socket.terminate()
  })
})

describe('a message that comes when the last listener has gone', () => {
  it.each([
    ['one turn', false],
    ['a turn each', true],
  ])('waits for the next: each `await once(…)` gets one, from %s', async (_what, apart) => {
    const handler = async (socket: WebSocket) => {
      for (let count = 0; count < 5; count++) {
        const [data] = await once(socket, 'message')
        socket.send(`re: ${data}`)
      }
    }
    const { peer } = openPair({ handler })
    for (const message of texts(['1', '2', '3', '4', '5'])) {
      peer.write(message)
      if (apart) await turns()
    }
    expect(await peer.texts(5)).toEqual(['re: 1', 're: 2', 're: 3', 're: 4', 're: 5'])
  })

  it('waits while the program works between two of them', async () => {
    const { socket, peer } = openPair()
    const first = once(socket, 'message')
    peer.write(...texts(['token', '1', '2']))
    expect(String(await first)).toBe('token,false')
    await turns()
    const heard: string[] = []
    socket.on('message', (data) => heard.push(String(data)))
    expect(heard).toEqual([])
    await turns()
    peer.write(text('3'))
    await turns()
    expect(heard).toEqual(['1', '2', '3'])
  })

  it('waits for a loop as well', async () => {
    const { socket, peer } = openPair()
    const first = once(socket, 'message')
    peer.write(...texts(['token', '1']))
    await first
    expect(await socket[Symbol.asyncIterator]().next()).toEqual({ done: false, value: '1' })
  })

  it('has the peer wait when too much of it is held, and go on when somebody listens', async () => {
    const { socket, peer, stream } = openPair()
    const first = once(socket, 'message')
    peer.write(...texts(Array.from({ length: 3000 }, (_, index) => String(index))))
    await first
    await turns()
    expect(stream.isPaused()).toBe(true)
    let last = ''
    socket.on('message', (data) => {
      last = String(data)
    })
    while (last !== '2999') await turns()
    expect(stream.isPaused()).toBe(false)
  })

  it('does not keep the peer from closing, where nobody comes any more', async () => {
    const { socket, peer } = openPair()
    socket.once('message', () => {})
    peer.write(...texts(['1', '2']), close(1000))
    expect((await once(socket, 'close'))[0]).toBe(1000)
  })

  it('that is read while it arrives waits too', async () => {
    const { socket, peer } = openPair({ messages: 'streamed' })
    peer.write(...texts(['1', '2']))
    for (const expected of ['1', '2']) {
      const [message] = await once(socket, 'stream')
      expect(await message.text()).toBe(expected)
    }
  })

  it.each<[string, PairOptions]>([
    ['as with `ws` where what nobody listens for is dropped', { reception: { unheard: 'drop' } }],
    ['where the handler is an object without a hook for it', { hooks: {} }],
  ])('is dropped %s', async (_what, options) => {
    const { socket, peer } = openPair(options)
    const first = once(socket, 'message')
    peer.write(...texts(['1', '2']))
    await first
    await turns()
    const heard: string[] = []
    socket.on('message', (data) => heard.push(String(data)))
    await turns()
    peer.write(text('3'))
    await turns()
    expect(heard).toEqual(['3'])
  })
})

describe('a paused socket', () => {
  it('whose stream has closed meanwhile is CLOSING until it was resumed, and everything was told', async () => {
    const { socket, peer, stream } = openPair()
    const events = noteEvents(socket)
    socket.once('message', () => socket.pause())
    peer.write(...texts(['1', '2', '3']))
    await turns()
    stream.destroy()
    await turns()
    expect([events, socket.readyState]).toEqual([['1'], 2])
    socket.resume()
    await turns()
    expect([events, socket.readyState]).toEqual([['1', '2', '3', 'close 1006'], 3])
  })
})

describe('a loop', () => {
  it('gets binary as Buffers, and what is held when it begins anew', async () => {
    const { socket, peer } = openPair()
    const messages = socket[Symbol.asyncIterator]()
    peer.write(binary(Buffer.of(1)), text('2'), close(1000))
    expect((await messages.next()).value).toEqual(Buffer.of(1))
    await messages.return?.()
    const [code] = await once(socket, 'close')
    const rest: unknown[] = []
    for await (const message of socket) rest.push(message)
    expect([code, rest]).toEqual([1000, ['2']])
  })
})

describe('a message that is read while it arrives', () => {
  it('is taken by who asks first, and waits until somebody does', async () => {
    const { socket, peer } = openPair({ messages: 'streamed' })
    peer.write(text('1'), text('2'))
    await turns()
    const [one, other] = [socket.streams(), socket.streams()]
    const both = [one.next(), other.next()]
    expect(await (await both[0]).value?.text()).toBe('1')
    expect(await (await both[1]).value?.text()).toBe('2')
  })

  it("is what a 'stream' listener waits for, not a 'message' listener", async () => {
    const { socket, peer } = openPair({ messages: 'streamed' })
    const notes = noteEvents(socket)
    peer.write(text('1'))
    await turns()
    socket.on('stream', async (message) => void notes.push(await message.text()))
    await turns()
    expect(notes).toEqual(['1'])
  })

  it('closes with 1011 where its listener throws', async () => {
    const error = new Error('of the user')
    const { socket, peer, userErrors } = openPair({ messages: 'streamed' })
    socket.on('stream', () => {
      throw error
    })
    peer.write(text('1'))
    expect(await peer.nextClose()).toEqual({ code: 1011, reason: '' })
    expect(userErrors).toEqual([error])
  })
})

describe('the text of a message', () => {
  const bytes = Buffer.from('xxaéx')

  it('is read as UTF-8 where a byte above ASCII was seen', () => {
    expect(decodeText(bytes, 2, 5, 0x80)).toBe('aé')
  })

  it('is read as ASCII where none was seen', () => {
    expect(decodeText(bytes, 0, 3, 0x7f)).toBe('xxa')
  })
})
