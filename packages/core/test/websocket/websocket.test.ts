import { EventEmitter, once } from 'node:events'
import { binary, close, readFrames, text, watchEachTest } from '@upwire/testkit'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { setConnector } from '../../src/websocket/connector.ts'
import type { Sendable } from '../../src/websocket/sendable.ts'
import { openWebSocket, WebSocket } from '../../src/websocket/websocket.ts'
import { BlockableTransport } from '../support/blockable-transport.ts'
import { open, openPair, settingsWith } from '../support/open-pair.ts'
import { turns } from '../support/turns.ts'

const KIB = 1024

const watch = watchEachTest()

/** The frames that `act` makes a socket write, in hex. */
async function written(act: (socket: WebSocket) => void): Promise<string> {
  const transport = new BlockableTransport()
  const { socket } = open(transport)
  act(socket)
  await turns()
  return transport.written.toString('hex')
}

describe('a socket without a connection', () => {
  const socket = new WebSocket(null)

  it('is CONNECTING', () => {
    expect(socket.readyState).toBe(WebSocket.CONNECTING)
  })

  it.each(['send', 'ping', 'pong'] as const)('cannot %s', (method) => {
    const callback = vi.fn()
    const message = 'WebSocket is not open: readyState 0 (CONNECTING)'
    expect(() => socket[method]('a')).toThrow(message)
    expect(() => socket[method](callback as never)).toThrow(message)
    expect(callback).not.toHaveBeenCalled()
  })

  it('has nothing to tell', () => {
    expect(socket).toMatchObject({
      protocol: '',
      extensions: '',
      url: '',
      params: {},
      bufferedAmount: 0,
      isPaused: false,
      binaryType: 'nodebuffer',
    })
    expect([socket.rtt, socket.data, [...socket.topics]]).toEqual([undefined, undefined, []])
  })

  it('does not mind what would end or change a connection', () => {
    socket.pause()
    socket.resume()
    socket.terminate()
    socket.close(1000)
    socket.subscribe('news')
    socket.unsubscribe('news')
    expect([socket.publish('news', 'hi'), socket.isPaused, socket.readyState]).toEqual([0, false, 0])
  })

  it('says that there are no messages to loop over yet', () => {
    expect(() => socket[Symbol.asyncIterator]()).toThrow('wait for it to open')
  })

  it('can be given listeners, which then take what was held', async () => {
    const listener = vi.fn()
    const early = new WebSocket(null)
    early.on('message', listener)
    const stream = new BlockableTransport()
    openWebSocket(early, openingOn(stream))
    stream.arrive(text('a'))
    await turns()
    expect(listener.mock.calls).toEqual([[Buffer.from('a'), false]])
    stream.destroy()
  })
})

function openingOn(stream: BlockableTransport) {
  return {
    stream,
    head: Buffer.alloc(0),
    settings: settingsWith(),
    protocol: 'chat.v2',
    extensions: '',
    url: '/rooms/7?a=b',
    params: { room: '7' },
    data: { user: 'ada' },
    start: undefined,
    onUserError: () => {},
    onEnd: () => {},
  }
}

describe('a socket that the program gives its stream to', () => {
  beforeEach(() => setConnector({ attempt: vi.fn(), terms: vi.fn(() => TERMS) }))
  const TERMS = { settings: settingsWith(), start: undefined, onUserError() {}, onEnd() {} }
  const role = (socket: WebSocket) => (socket._isServer ? 'server' : 'client')

  it.each([
    ['a server', undefined, 'server'],
    ['a server where options say nothing of it', { maxPayload: 10 }, 'server'],
    ['a client where options say so', { isServer: false }, 'client'],
  ])('is %s', (_what, options, expected) => {
    const socket = new WebSocket(null, undefined, options)
    expect([role(socket), socket._socket, socket._req, socket._redirects]).toEqual([expected, null, null, 0])
  })

  it('goes by the options of its constructor and of setSocket, and by the role that was set', () => {
    const terms = vi.fn(() => TERMS)
    setConnector({ attempt: vi.fn(), terms })
    const stream = new BlockableTransport()
    const socket = new WebSocket(null, undefined, { maxPayload: 10, closeTimeout: 20 })
    socket._isServer = false
    socket.setSocket(stream, Buffer.alloc(0), { maxPayload: 30 })
    expect(terms.mock.calls).toEqual([[stream, 'client', { maxPayload: 30, closeTimeout: 20 }]])
    expect([socket.readyState, socket._socket, role(socket)]).toEqual([1, stream, 'server'])
    stream.destroy()
  })

  it('is told what arrived behind the handshake, and sends', async () => {
    const stream = new BlockableTransport()
    const socket = new WebSocket(null)
    const messages: string[] = []
    socket.on('message', (data) => messages.push(String(data)))
    socket.setSocket(stream, text('behind'))
    socket.send('a')
    await turns()
    expect([messages, stream.written.toString('hex')]).toEqual([['behind'], '810161'])
    stream.destroy()
  })

  it('is CLOSED by emitClose() without a stream, and with one ended by it', async () => {
    const closes: unknown[] = []
    const [without, other] = [new WebSocket(null), new WebSocket(null)]
    for (const socket of [without, other])
      socket.on('close', (code, reason) => closes.push([code, `${reason}`]))
    without.emitClose()
    other.setSocket(new BlockableTransport(), Buffer.alloc(0))
    other.emitClose()
    await turns()
    expect([without.readyState, other.readyState, closes]).toEqual([
      3,
      3,
      [
        [1006, ''],
        [1006, ''],
      ],
    ])
  })
})

describe('an open socket', () => {
  it('tells how it was opened', () => {
    const stream = new BlockableTransport()
    const socket = new WebSocket(null)
    openWebSocket(socket, openingOn(stream))
    expect(socket).toMatchObject({
      readyState: WebSocket.OPEN,
      protocol: 'chat.v2',
      extensions: '',
      url: '/rooms/7?a=b',
      params: { room: '7' },
      data: { user: 'ada' },
    })
    stream.destroy()
  })

  it('has no url where it was not the one that asked for it', () => {
    expect(openPair().socket.url).toBe('')
  })

  it('has the methods and properties of its connection', async () => {
    const settings = settingsWith({ hooks: {} })
    const [{ socket }, other] = [openPair({ settings }), openPair({ settings })]
    expect([socket.rtt, [...socket.topics], socket.isPaused]).toEqual([undefined, [], false])
    socket.subscribe('a')
    socket.subscribe('b')
    socket.unsubscribe('b')
    socket.pause()
    expect([[...socket.topics], socket.isPaused, other.socket.publish('a', 'hi')]).toEqual([['a'], true, 1])
    socket.resume()
    expect(socket.isPaused).toBe(false)
  })

  it('can be looped over', async () => {
    const { socket, peer } = openPair()
    const messages: unknown[] = []
    peer.write(text('a'), binary(Buffer.of(1)), close())
    for await (const message of socket) messages.push(message)
    expect(messages).toEqual(['a', Buffer.of(1)])
  })

  it.each(['pause', 'resume'] as const)('does not mind %s() when it is closed', async (method) => {
    const { socket } = openPair()
    socket.terminate()
    await turns()
    socket[method]()
    expect(socket.isPaused).toBe(false)
  })

  it('cannot be given another connection', () => {
    const { socket } = openPair()
    expect(() => openWebSocket(socket, openingOn(new BlockableTransport()))).toThrow(
      'This socket has a connection already',
    )
  })

  it('is an EventEmitter, and has no listeners of its own', () => {
    const { socket } = openPair()
    expect(socket).toBeInstanceOf(EventEmitter)
    expect(socket.eventNames()).toEqual([])
  })
})

describe('the constants of readyState', () => {
  it.each([
    ['CONNECTING', 0],
    ['OPEN', 1],
    ['CLOSING', 2],
    ['CLOSED', 3],
  ])('%s is %i on the class and on its sockets, enumerable and for ever', (name, value) => {
    for (const holder of [WebSocket, WebSocket.prototype]) {
      expect(Object.getOwnPropertyDescriptor(holder, name)).toEqual({
        configurable: false,
        enumerable: true,
        value,
        writable: false,
      })
    }
  })
})

describe('the properties of a browser WebSocket', () => {
  it.each(['bufferedAmount', 'extensions', 'isPaused', 'protocol', 'readyState', 'url'])(
    '%s is an enumerable accessor that cannot be set',
    (name) => {
      expect(Object.getOwnPropertyDescriptor(WebSocket.prototype, name)).toEqual({
        configurable: true,
        enumerable: true,
        get: expect.any(Function),
        set: undefined,
      })
    },
  )

  it.each(['binaryType', 'onopen', 'onmessage', 'onclose', 'onerror'])(
    '%s is an enumerable accessor that can be set',
    (name) => {
      expect(Object.getOwnPropertyDescriptor(WebSocket.prototype, name)).toEqual({
        configurable: true,
        enumerable: true,
        get: expect.any(Function),
        set: expect.any(Function),
      })
    },
  )

  it('can be listed', () => {
    const names: string[] = []
    for (const name in openPair().socket) names.push(name)
    expect(names).toEqual(expect.arrayContaining(['readyState', 'url', 'onmessage', 'OPEN', 'binaryType']))
  })
})

describe('send()', () => {
  const bytes = new Uint8Array([9, 1, 2, 3, 9]).buffer

  it.each<[what: string, data: Sendable, frame: string]>([
    ['a string as text', 'Hello', '810548656c6c6f'],
    ['a string above ASCII as UTF-8', 'é€😀', '8109c3a9e282acf09f9880'],
    ['an empty string as an empty text', '', '8100'],
    ['a number as text', 42, '81023432'],
    ['zero as text', 0, '810130'],
    ['a large number as text, and not as a length', 1e21, '810531652b3231'],
    ['undefined as an empty message', undefined, '8200'],
    ['null as an empty message', null, '8200'],
    ['false as an empty message', false, '8200'],
    ['a Blob as binary', new Blob(['ab']), '82026162'],
    ['an empty Blob', new Blob([]), '8200'],
    ['a Buffer as binary', Buffer.from('0102', 'hex'), '82020102'],
    ['an ArrayBuffer as binary', new Uint8Array([1, 2]).buffer, '82020102'],
    ['a SharedArrayBuffer as binary', new Uint8Array(new SharedArrayBuffer(2)).buffer, '82020000'],
    ['a view as the bytes that it shows', new Uint8Array(bytes, 1, 3), '8203010203'],
    ['a DataView as the bytes that it shows', new DataView(bytes, 2, 2), '82020203'],
    ['16-bit numbers as their bytes', new Uint16Array([0x0201, 0x0403]), '820401020304'],
    ['64-bit numbers as their bytes', new BigInt64Array([-1n]), `8208${'ff'.repeat(8)}`],
    ['an empty view', new Float64Array(0), '8200'],
  ])('sends %s', async (_what, data, frame) => {
    expect(await written((socket) => socket.send(data))).toBe(frame)
  })

  it.each([
    ['text as binary', 'a', { binary: true }, '820161'],
    ['bytes as text', Buffer.from('a'), { binary: false }, '810161'],
    ['a number as binary', 1, { binary: true }, '820131'],
    ['a string as it is', 'a', {}, '810161'],
    ['a first fragment', 'a', { fin: false }, '010161'],
    ['a Blob as text', new Blob(['a']), { binary: false }, '810161'],
    ['a Blob as a first fragment', new Blob(['a']), { fin: false }, '020161'],
  ])('with options sends %s', async (_what, data, options, frame) => {
    expect(await written((socket) => socket.send(data, options))).toBe(frame)
  })

  it.each([true, {}, [], Symbol('s'), () => {}, 1n])('throws for %s, and sends nothing', async (data) => {
    const sent = written((socket) => {
      expect(() => socket.send(data as never, {})).toThrow(TypeError)
    })
    expect(await sent).toBe('')
  })

  it('takes a callback with options and without', async () => {
    const { socket, peer } = openPair()
    const calls: unknown[] = []
    socket.send('a', (error) => calls.push(['a', error ?? undefined]))
    socket.send('b', { binary: true }, (error) => calls.push(['b', error ?? undefined]))
    socket.send('c', undefined, (error) => calls.push(['c', error ?? undefined]))
    expect(calls).toEqual([])
    await peer.frames(3)
    await turns()
    expect(calls).toEqual([
      ['a', undefined],
      ['b', undefined],
      ['c', undefined],
    ])
  })

  it('calls its callbacks in order, with an error where the stream dies before', async () => {
    const transport = new BlockableTransport()
    const { socket } = open(transport)
    const calls: string[] = []
    transport.block()
    const note = (name: string) => (error?: Error | null) =>
      void calls.push(`${name} ${error ? 'failed' : 'sent'}`)
    socket.send('a', note('a'))
    await turns()
    transport.unblock()
    transport.block()
    socket.send('b', note('b'))
    socket.send(Buffer.alloc(20 * KIB), note('c'))
    await turns()
    socket.send('d', note('d'))
    socket.terminate()
    await turns()
    expect(calls).toEqual(['a sent', 'b failed', 'c failed', 'd failed'])
  })

  it.each([
    [
      'throws',
      () => {
        throw new Error('of the user')
      },
    ],
    ['rejects', () => Promise.reject(new Error('of the user'))],
  ])('counts a callback that %s as user code that fails', async (_how, callback) => {
    const { socket, peer, userErrors } = openPair()
    socket.send('a', callback)
    expect(await peer.nextClose()).toEqual({ code: 1011, reason: '' })
    expect(userErrors).toEqual([new Error('of the user')])
  })

  it.each([
    ['closing', (socket: WebSocket) => socket.close(), '2 (CLOSING)'],
    ['closed', (socket: WebSocket) => socket.terminate(), '3 (CLOSED)'],
  ])('on a socket that is %s sends nothing, and tells the callback later', async (_state, end, state) => {
    const { socket, peer } = openPair()
    end(socket)
    await turns()
    const [before, { length }] = [socket.bufferedAmount, peer.received]
    const errors: unknown[] = []
    const note = (error?: Error | null) => errors.push(error?.message)
    expect(socket.send('abc', note)).toBe(false)
    socket.ping('de', note)
    socket.pong(note)
    socket.send('without a callback')
    expect(errors).toEqual([])
    await turns()
    expect(errors).toEqual(Array.from({ length: 3 }, () => `WebSocket is not open: readyState ${state}`))
    expect(socket.bufferedAmount - before).toBe('abc'.length + 'de'.length + 'without a callback'.length)
    expect(peer.received).toHaveLength(length)
  })

  it('never sends bytes of others: what is sent is what was given, sockets interleaved', async () => {
    const pairs = Array.from({ length: 2 }, () => open(new BlockableTransport()))
    const sent: Buffer[][] = [[], []]
    for (let round = 0; round < 300; round++) {
      pairs.forEach(({ socket }, index) => {
        const payload = Buffer.alloc((round * 97) % 20_000, index * 128 + (round % 128))
        sent[index].push(Buffer.from(payload))
        socket.send(payload)
      })
      if (round % 7 === 0) await turns(1)
    }
    await turns()
    pairs.forEach(({ stream }, index) => {
      const { frames, rest } = readFrames((stream as BlockableTransport).written)
      expect([frames.length, rest.length]).toEqual([300, 0])
      expect(frames.every(({ payload }, round) => payload.equals(sent[index][round]))).toBe(true)
    })
  })
})

describe('sendStream()', () => {
  it('sends one message in fragments', async () => {
    expect(await written((socket) => void socket.sendStream(['Hel', 'lo']))).toBe(
      '010348656c' + '00026c6f' + '8000',
    )
  })

  it('throws for what has no parts, and where there is no connection yet', () => {
    const { socket } = openPair()
    expect(() => socket.sendStream('abc')).toThrow(TypeError)
    expect(() => new WebSocket(null).sendStream([])).toThrow(
      'WebSocket is not open: readyState 0 (CONNECTING)',
    )
  })

  it('rejects where the connection is closing, whether or not anybody waits for it', async () => {
    const { socket } = openPair()
    socket.close()
    void socket.sendStream(['a'])
    await expect(socket.sendStream(['a'])).rejects.toMatchObject({ code: 'UPWIRE_MESSAGE_NOT_SENT' })
  })
})

describe('a client', () => {
  const unmasked = (act: (socket: WebSocket) => void) => {
    const settings = { ...settingsWith({ role: 'client' }), nextMaskingKey: () => 0x01020304 }
    const transport = new BlockableTransport()
    act(open(transport, { settings }).socket)
    return turns().then(() => transport.written.toString('hex'))
  }

  it.each<[string, (socket: WebSocket) => void, string]>([
    ['a message masked', (socket) => socket.send('a', {}), '8181' + '04030201' + '65'],
    ['a message unmasked where it is told to', (socket) => socket.send('a', { mask: false }), '810161'],
    ['a Ping unmasked where it is told to', (socket) => socket.ping('a', false), '890161'],
    ['a Ping masked', (socket) => socket.ping('a', true), '8981' + '04030201' + '65'],
    ['a Pong of a Blob masked', (socket) => socket.pong(new Blob(['a'])), '8a81' + '04030201' + '65'],
  ])('sends %s', async (_what, act, frame) => {
    expect(await unmasked(act)).toBe(frame)
  })
})

describe('the stream below', () => {
  it('is given what was sent before somebody else writes to it', async () => {
    expect(
      await written((socket) => {
        socket.send('a')
        socket._socket?.write(Buffer.from('810162', 'hex'))
        socket.send('c')
      }),
    ).toBe('810161' + '810162' + '810163')
  })

  it('is given at once what is sent, when somebody else may write to it', async () => {
    expect(
      await written((socket) => {
        const stream = socket._socket
        for (const send of [() => socket.send('a'), () => socket.ping(), () => socket.send(Buffer.of(1))]) {
          send()
          stream?.write(Buffer.from('810162', 'hex'))
        }
      }),
    ).toBe('810161' + '810162' + '8900' + '810162' + '820101' + '810162')
  })

  it('shows what arrived behind the handshake', async () => {
    const transport = new BlockableTransport()
    const seen: string[] = []
    open(transport, {
      head: text('a'),
      handler: (socket) =>
        void socket._socket?.once('data', (chunk) => seen.push(chunk.toString('hex', 0, 2))),
    })
    await turns()
    expect(seen).toEqual(['8181'])
  })
})

describe('ping() and pong()', () => {
  it.each([
    ['ping', '89'],
    ['pong', '8a'],
  ] as const)('%s sends what it is given, as bytes', async (method, first) => {
    const view = new Uint8Array([9, 1, 2, 9]).subarray(1, 3)
    expect(
      await written((socket) => {
        socket[method]()
        socket[method]('hi')
        socket[method](Buffer.of(1))
        socket[method](view)
        socket[method](5)
        socket[method](undefined)
      }),
    ).toBe(['00', '026869', '0101', '020102', '0135', '00'].map((rest) => first + rest).join(''))
  })

  it.each(['ping', 'pong'] as const)('%s takes its callback in any place', async (method) => {
    const { socket, peer } = openPair()
    const callback = vi.fn()
    socket[method](callback)
    socket[method]('a', callback)
    socket[method]('a', true, callback)
    expect(await peer.texts(3)).toEqual(['', 'a', 'a'])
    await turns()
    expect(callback).toHaveBeenCalledTimes(3)
  })

  it.each(['ping', 'pong'] as const)('%s sends 125 bytes, and throws for more', async (method) => {
    const sent = written((socket) => {
      socket[method]('a'.repeat(125))
      expect(() => socket[method]('a'.repeat(126))).toThrow(RangeError)
      expect(() => socket[method]('€'.repeat(42))).toThrow('A Ping or a Pong carries at most 125 bytes')
      expect(() => socket[method]({} as never)).toThrow(TypeError)
    })
    expect((await sent).length).toBe(2 * (2 + 125))
  })
})

describe('close()', () => {
  it.each([
    [[], '8800'],
    [[1000], '880203e8'],
    [[1014], '880203f6'],
    [[3000], '88020bb8'],
    [[4999, 'bye'], '88051387627965'],
    [[1000, Buffer.from('bye')], '880503e8627965'],
    [[1000, new Uint8Array([9, 98, 121, 101, 9]).subarray(1, 4)], '880503e8627965'],
    [[1000, new Uint16Array([0x7962])], '880403e86279'],
    [[1000, 'r'.repeat(123)], `887d03e8${'72'.repeat(123)}`],
  ] as [[number?, (string | Uint8Array)?], string][])('of %j sends %s', async (args, frame) => {
    expect(await written((socket) => socket.close(...args))).toBe(frame)
  })

  it.each([
    [0, '', TypeError],
    [999, '', TypeError],
    [1004, '', TypeError],
    [1005, '', TypeError],
    [1006, '', TypeError],
    [1015, '', TypeError],
    [2999, '', TypeError],
    [5000, '', TypeError],
    [1000.5, '', TypeError],
    ['1000', '', TypeError],
    [null, '', TypeError],
    [1000, 5, TypeError],
    [1000, 'r'.repeat(124), RangeError],
    [1000, '€'.repeat(42), RangeError],
  ])('throws for %j, %j, and the socket stays open', async (code, reason, errorClass) => {
    const sent = written((socket) => {
      expect(() => socket.close(code as never, reason as never)).toThrow(errorClass)
      expect(socket.readyState).toBe(WebSocket.OPEN)
    })
    expect(await sent).toBe('')
  })
})

describe('binaryType', () => {
  it('is nodebuffer, can be changed, and ignores what it does not know', () => {
    const { socket } = openPair()
    expect(socket.binaryType).toBe('nodebuffer')
    socket.binaryType = 'arraybuffer'
    socket.binaryType = 'unknown' as never
    expect(socket.binaryType).toBe('arraybuffer')
  })

  it('takes effect with the next message', async () => {
    const { socket, peer } = openPair()
    const seen: unknown[] = []
    socket.on('message', (data) => {
      seen.push(data)
      socket.binaryType = 'arraybuffer'
    })
    peer.write(binary(Buffer.of(1)), binary(Buffer.of(2)))
    await turns()
    expect(seen).toEqual([Buffer.of(1), new Uint8Array([2]).buffer])
  })
})

describe('the face of a browser WebSocket', () => {
  it('has messages come as events, text as a string', async () => {
    const { socket, peer } = openPair()
    const events: unknown[] = []
    socket.binaryType = 'arraybuffer'
    socket.onmessage = (event) => events.push(event)
    peer.write(text('€'), binary(Buffer.of(1)))
    await turns()
    expect(events).toEqual([
      { type: 'message', target: socket, data: '€' },
      { type: 'message', target: socket, data: new Uint8Array([1]).buffer },
    ])
  })

  it('has the close come as an event', async () => {
    const { socket, peer } = openPair()
    const events: unknown[] = []
    socket.onclose = (event) => events.push(event)
    peer.write(close(4000, 'bye'))
    await once(socket, 'close')
    expect(events).toEqual([{ type: 'close', target: socket, code: 4000, reason: 'bye', wasClean: true }])
  })

  it('has errors come as events', async () => {
    const { socket, peer } = openPair()
    const events: unknown[] = []
    socket.onerror = (event) => events.push(event)
    peer.write(text('bad', { rsv: 1 }))
    await turns()
    const message = 'Invalid WebSocket frame: RSV2 and RSV3 must be clear'
    expect(events).toEqual([
      { type: 'error', target: socket, message, error: expect.objectContaining({ message }) },
    ])
  })

  it('adds and removes listeners', async () => {
    const { socket, peer } = openPair()
    const [kept, removed, heardOnce] = [vi.fn(), vi.fn(), vi.fn()]
    socket.addEventListener('message', removed)
    socket.addEventListener('message', { handleEvent: kept })
    socket.addEventListener('message', heardOnce, { once: true })
    socket.removeEventListener('message', removed)
    peer.write(text('a'), text('b'))
    await turns()
    expect([kept, removed, heardOnce].map(({ mock }) => mock.calls.length)).toEqual([2, 0, 1])
  })

  it('has attributes that are null, set and cleared', () => {
    const { socket } = openPair()
    const listener = () => {}
    for (const name of ['onopen', 'onmessage', 'onclose', 'onerror'] as const) {
      expect(socket[name]).toBeNull()
      socket[name] = listener
      expect(socket[name]).toBe(listener)
      socket[name] = null
      expect([socket[name], socket.listenerCount(name.slice(2) as 'open')]).toEqual([null, 0])
    }
  })
})

describe('listeners', () => {
  it('know their socket, and can be chained', async () => {
    const { socket, peer } = openPair()
    const selves: unknown[] = []
    function listener(this: unknown) {
      selves.push(this)
    }
    expect(socket.on('message', listener).once('close', listener).prependListener('ping', listener)).toBe(
      socket,
    )
    peer.write(text('a'))
    await turns()
    expect(selves).toEqual([socket])
  })

  it('that are async and reject do so as user code that fails', async () => {
    const error = new Error('of the user')
    const { socket, peer, userErrors } = openPair()
    socket.on('message', () => Promise.reject(error))
    peer.write(text('a'))
    expect(await peer.nextClose()).toEqual({ code: 1011, reason: '' })
    expect(userErrors).toEqual([error])
  })

  it.each<[string, (socket: WebSocket) => unknown]>([
    ['an event of the user', (socket: EventEmitter) => socket.emit('mine')],
    ["the 'close' of a socket that never had a stream", (socket) => socket.emitClose()],
  ])('that reject for %s are uncaught exceptions', async (_what, tell) => {
    const fault = new Error('of the user')
    const socket = new WebSocket(null)
    const fail = () => Promise.reject(fault)
    socket.on('close', fail)
    ;(socket as EventEmitter).on('mine', fail)
    tell(socket)
    await turns()
    expect(watch.take()).toEqual([{ kind: 'uncaughtException', reason: fault }])
  })
})
