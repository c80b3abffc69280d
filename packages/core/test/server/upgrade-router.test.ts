import { once } from 'node:events'
import type { Server } from 'node:http'
import { type AddressInfo, type Socket, connect as tcpConnect } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import {
  close,
  duplexPair,
  expectNoHandles,
  INVALID_CLIENT_FRAMES,
  listenerCounts,
  openHandles,
  type RawClient,
  rawRequest,
  rawUpgrade,
  SAMPLE_KEY,
  text,
  type UpgradeOptions,
  watchProcess,
} from '@upwire/testkit'
import { afterEach, beforeEach, describe, expect, expectTypeOf, it, vi } from 'vitest'
import { WebSocket as WsClient, WebSocketServer as WsServer } from 'ws'
import type { Handler } from '../../src/routing/handler.ts'
import { UpgradeRejection } from '../../src/routing/upgrade-rejection.ts'
import { UpgradeRouter, type UpgradeRouterOptions } from '../../src/server/upgrade-router.ts'
import type { WebSocket } from '../../src/websocket/websocket.ts'
import { openingRequest } from '../handshake/request.ts'
import { listen, pages, securePages, TRUST } from './servers.ts'

const ECHO: Handler = { message: (socket, data) => socket.send(data) }

let incidents: ReturnType<typeof watchProcess>

beforeEach(() => {
  incidents = watchProcess()
})

afterEach(async () => {
  await incidents.expectNone()
  incidents.stop()
})

async function serving(
  handler: Handler,
  options?: UpgradeRouterOptions,
): Promise<{ server: Server; router: UpgradeRouter }> {
  const server = await listen(pages())
  const router = new UpgradeRouter(options).ws('/chat', handler)
  router.attach(server)
  return { server, router }
}

async function statusAndBody(client: Promise<RawClient>): Promise<string> {
  const answered = await client
  return `${answered.status} ${await answered.body()}`
}

function connect(server: Server, options: UpgradeOptions = {}): Promise<RawClient> {
  return rawUpgrade(server, { path: '/chat', ...options })
}

describe('a route', () => {
  it('echoes over ws://', async () => {
    const { server } = await serving(ECHO)
    const client = await connect(server)
    client.write(text('hi'))
    expect(await client.nextFrame()).toMatchObject({ opcode: 1, masked: false, payload: Buffer.from('hi') })
  })

  it('echoes over wss://', async () => {
    const server = await listen(securePages())
    new UpgradeRouter().ws('/chat', ECHO).attach(server)
    const client = await rawUpgrade(server, { path: '/chat', tls: TRUST, after: text('hi') })
    expect(await client.nextFrame()).toMatchObject({ payload: Buffer.from('hi') })
  })

  it('talks to the client of the package ws', async () => {
    const { server } = await serving(ECHO)
    const { port } = server.address() as AddressInfo
    const client = new WsClient(`ws://127.0.0.1:${port}/chat`)
    await once(client, 'open')
    client.send('text')
    const [data, isBinary] = await once(client, 'message')
    expect([String(data), isBinary]).toEqual(['text', false])
    client.close(4000, 'bye')
    expect(await once(client, 'close')).toEqual([4000, Buffer.from('bye')])
  })

  it('has params, typed, before its upgrade hook runs and on its socket', async () => {
    const server = await listen(pages())
    const router = new UpgradeRouter()
    router.ws('/rooms/:room', {
      upgrade({ params }) {
        expectTypeOf(params).toEqualTypeOf<{ readonly room: string }>()
        return { room: params.room.toUpperCase() }
      },
      open(socket) {
        expectTypeOf(socket.data).toEqualTypeOf<{ room: string }>()
        socket.send(`${socket.params.room} ${socket.data.room}`)
      },
    })
    router.attach(server)
    const client = await rawUpgrade(server, { path: '/rooms/blue?x=1' })
    expect((await client.nextFrame()).payload.toString()).toBe('blue BLUE')
  })

  it('has data, typed, from the data option', async () => {
    const server = await listen(pages())
    const router = new UpgradeRouter()
    router.ws('/rooms/:room', { data: ({ params }) => ({ name: params.room }) }, (socket, request) => {
      expectTypeOf(socket).toEqualTypeOf<WebSocket<{ name: string }>>()
      socket.send(`${socket.data.name} ${request.params.room}`)
    })
    router.attach(server)
    const client = await rawUpgrade(server, { path: '/rooms/blue' })
    expect((await client.nextFrame()).payload.toString()).toBe('blue blue')
  })

  it('publishes to who has subscribed', async () => {
    const { server, router } = await serving({ open: (socket) => socket.subscribe('news') })
    const [first, second] = [await connect(server), await connect(server)]
    expect(router.publish('news', 'hi')).toBe(2)
    expect((await first.nextFrame()).payload.toString()).toBe('hi')
    expect((await second.nextFrame()).payload.toString()).toBe('hi')
  })

  it('shows its connections', async () => {
    const { server, router } = await serving(ECHO)
    const client = await connect(server)
    expect(router.stats()).toMatchObject({ open: 1, accepted: 1 })
    const [socket] = router.clients
    client.write(close(1000))
    await once(socket, 'close')
    expect(router.stats()).toMatchObject({ open: 0, closed: { 1000: 1 } })
  })
})

describe('before the 101', () => {
  it('refuses what the upgrade hook throws as a Response, and sends no frame', async () => {
    const open = vi.fn()
    const { server } = await serving({
      async upgrade({ headers }) {
        if (headers.cookie !== 'session=1') throw new Response('Sign in first', { status: 401 })
      },
      open,
    })
    const client = await connect(server, { after: text('hi') })
    await client.ended
    expect(client.head).toMatch(/^HTTP\/1\.1 401 Unauthorized\r\n/)
    expect(String(client.received)).toBe('Sign in first')
    expect(open).not.toHaveBeenCalled()
    const allowed = await connect(server, { headers: { cookie: 'session=1' } })
    expect(allowed.status).toBe(101)
  })

  it.each([
    ['an UpgradeRejection', () => new UpgradeRejection(402, { body: 'Pay first' }), '402 Pay first'],
    ['an error with a status', () => Object.assign(new Error('Not you'), { status: 403 }), '403 Not you'],
    [
      'an error with a hidden message',
      () => Object.assign(new Error('db'), { statusCode: 503 }),
      '503 Service Unavailable',
    ],
  ])('refuses what the upgrade hook throws as %s', async (_, reason, expected) => {
    const onError = vi.fn()
    const { server } = await serving({ upgrade: () => Promise.reject(reason()) }, { onError })
    expect(await statusAndBody(connect(server))).toBe(expected)
    expect(onError).not.toHaveBeenCalled()
  })

  it('answers 500 to any other throw, tells the peer nothing, and reports it once', async () => {
    const fault = new Error('secret details')
    const onError = vi.fn()
    const { server } = await serving(
      {
        upgrade() {
          throw fault
        },
      },
      { onError },
    )
    expect(await statusAndBody(connect(server))).toBe(
      '500 The server failed while it handled the opening handshake',
    )
    expect(onError).toHaveBeenCalledExactlyOnceWith(
      fault,
      undefined,
      expect.objectContaining({ url: '/chat' }),
    )
  })

  it('sends the headers of the upgrade hook with the 101, each cookie on a line', async () => {
    const { server } = await serving({
      upgrade(_request, headers) {
        headers.append('Set-Cookie', 'a=1')
        headers.append('Set-Cookie', 'b=2')
        headers.set('X-Request-Id', '7')
      },
    })
    const client = await connect(server)
    expect(client.status).toBe(101)
    expect(client.headers.get('set-cookie')).toEqual(['a=1', 'b=2'])
    expect(client.headers.get('x-request-id')).toEqual(['7'])
  })

  it('chooses the subprotocol by its own preference', async () => {
    const server = await listen(pages())
    new UpgradeRouter().ws('/chat', { subprotocols: ['v2', 'v1'] }, ECHO).attach(server)
    const client = await connect(server, { headers: { 'sec-websocket-protocol': 'v1, v2' } })
    expect(client.headers.get('sec-websocket-protocol')).toEqual(['v2'])
  })

  it.each(['https://evil.example', 'null'])('answers 403 to a page of the origin %s', async (origin) => {
    const { server } = await serving(ECHO)
    expect(await statusAndBody(connect(server, { headers: { origin } }))).toBe(
      '403 Pages of this origin may not connect',
    )
  })

  it('lets in what the origin option of the router names', async () => {
    const { server } = await serving(ECHO, { origin: 'https://app.example' })
    expect((await connect(server, { headers: { origin: 'https://app.example' } })).status).toBe(101)
  })

  it('answers 404 to a path without a route', async () => {
    const { server } = await serving(ECHO)
    expect(await statusAndBody(rawUpgrade(server, { path: '/none' }))).toBe(
      '404 There is no WebSocket at this path',
    )
  })

  it.each([
    ['//chat', 404],
    ['/chat/', 404],
    ['/Chat', 404],
    ['/chat;x=1', 404],
    ['/chat%2f', 404],
    ['/%zz', 404],
    ['/%63hat', 101],
    ['http://server.example/chat', 101],
  ])('matches the target %s exactly: %d', async (target, status) => {
    const { server } = await serving(ECHO)
    expect((await rawUpgrade(server, { target })).status).toBe(status)
  })

  it('answers 503 when the upgrade hook takes longer than handshakeTimeout, and reports that once', async () => {
    const onError = vi.fn()
    const { server } = await serving(
      { upgrade: () => new Promise<never>(() => {}) },
      { onError, handshakeTimeout: 20 },
    )
    expect(await statusAndBody(connect(server))).toBe(
      '503 The server did not complete the opening handshake in time',
    )
    expect(onError).toHaveBeenCalledExactlyOnceWith(
      expect.objectContaining({ message: expect.stringContaining('handshakeTimeout, 20 ms') }),
      undefined,
      expect.anything(),
    )
  })

  it('answers 400 to 2,000 headers', async () => {
    const { server } = await serving(ECHO)
    const many = Object.fromEntries(Array.from({ length: 2000 }, (_, index) => [`x${index}`, '']))
    const headers = { upgrade: null, connection: null, ...many, Upgrade: 'websocket', Connection: 'Upgrade' }
    // Node 24 and later refuse so many headers before anybody sees the request.
    expect([400, 431]).toContain((await connect(server, { headers })).status)
  })
})

describe('messages', () => {
  const messages = Array.from({ length: 1000 }, (_, index) => String(index))

  it.each<[string, (take: (data: unknown) => void) => Handler]>([
    [
      'hooks',
      (take) => ({ upgrade: () => wait(100), open: () => wait(100), message: (_, data) => take(data) }),
    ],
    [
      'a function',
      (take) => async (socket) => {
        await wait(100)
        socket.on('message', take)
      },
    ],
  ])(
    'reach %s, all and in order, when they come with the handshake and everything is slow',
    async (_, handler) => {
      const got: string[] = []
      let finish = () => {}
      const all = new Promise<void>((resolve) => {
        finish = resolve
      })
      const take = (data: unknown) => {
        if (got.push(String(data)) === messages.length) finish()
      }
      const { server } = await serving(handler(take), { data: () => wait(100) })
      await connect(server, { after: Buffer.concat(messages.map((message) => text(message))) })
      await all
      expect(got).toEqual(messages)
    },
  )

  it.each(INVALID_CLIENT_FRAMES.map((frames) => [frames.name, frames] as const))(
    'fail the connection and nothing else when they are invalid: %s',
    async (_, { bytes, closeCode }) => {
      const onError = vi.fn()
      const { server } = await serving({ message() {} }, { onError })
      const client = await connect(server, { after: bytes })
      expect((await client.nextClose()).code).toBe(closeCode)
      expect(onError).not.toHaveBeenCalled()
    },
  )
})

describe('an error of the handler', () => {
  const fault = new Error('a bug')
  const fail = () => {
    throw fault
  }

  it.each<[string, Handler]>([
    ['a function', fail],
    ['an async function', async () => fail()],
    ['the open hook', { open: fail }],
    ['the message hook', { message: fail }],
    ['an async message hook', { message: async () => fail() }],
    ['a message listener', (socket) => socket.on('message', fail)],
  ])('in %s is reported once and closes with 1011', async (_, handler) => {
    const onError = vi.fn()
    const { server } = await serving(handler, { onError })
    const client = await connect(server, { after: text('hi') })
    expect((await client.nextClose()).code).toBe(1011)
    expect(onError).toHaveBeenCalledExactlyOnceWith(
      fault,
      expect.objectContaining({ data: undefined }),
      expect.objectContaining({ url: '/chat' }),
    )
  })

  it('goes to the error hook, and nowhere else', async () => {
    const error = vi.fn()
    const onError = vi.fn()
    const { server } = await serving({ message: fail, error }, { onError })
    const client = await connect(server, { after: text('hi') })
    expect((await client.nextClose()).code).toBe(1011)
    expect(error).toHaveBeenCalledOnce()
    expect(onError).not.toHaveBeenCalled()
  })

  it('is logged where there is no onError', async () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => {})
    const { server } = await serving({ message: fail })
    const client = await connect(server, { after: text('hi') })
    await client.nextClose()
    expect(log).toHaveBeenCalledExactlyOnceWith(fault.stack)
    log.mockRestore()
  })
})

describe('maxConnections', () => {
  it('answers 503 above the total, and lets in the next when one has gone', async () => {
    const { server, router } = await serving({ message() {} }, { maxConnections: 1 })
    const first = await connect(server)
    expect(await statusAndBody(connect(server))).toBe('503 The server has as many connections as it accepts')
    const [socket] = router.clients
    first.reset()
    await new Promise((resolve) => socket.once('close', resolve))
    expect((await connect(server)).status).toBe(101)
  })

  it('answers 429 above what one address may have', async () => {
    const { server } = await serving(ECHO, { maxConnections: { perAddress: 1 } })
    await connect(server)
    expect((await connect(server)).status).toBe(429)
  })

  it('counts handshakes that are being decided', async () => {
    const asked = vi.fn()
    const { server } = await serving({ upgrade: () => new Promise(asked) }, { maxConnections: 1 })
    const first = connect(server)
    first.catch(() => {})
    await vi.waitUntil(() => asked.mock.calls.length === 1)
    expect((await connect(server)).status).toBe(503)
  })

  it('of a route counts that route alone', async () => {
    const server = await listen(pages())
    const router = new UpgradeRouter().ws('/a', { maxConnections: 1 }, ECHO).ws('/b', ECHO)
    router.attach(server)
    await rawUpgrade(server, { path: '/a' })
    expect((await rawUpgrade(server, { path: '/a' })).status).toBe(503)
    expect((await rawUpgrade(server, { path: '/b' })).status).toBe(101)
  })
})

describe('neighbours', () => {
  it.each(['before', 'after'])('a ws server in noServer mode, added %s us, has its path', async (order) => {
    const server = await listen(pages())
    const neighbour = new WsServer({ noServer: true })
    const take = (...[request, stream, head]: Parameters<WsServer['handleUpgrade']>) => {
      if (request.url !== '/hmr') return
      neighbour.handleUpgrade(request, stream, head, (socket) => socket.send('hot'))
    }
    if (order === 'before') server.on('upgrade', take)
    new UpgradeRouter().ws('/chat', ECHO).attach(server)
    if (order === 'after') server.on('upgrade', take)
    const theirs = await rawUpgrade(server, { path: '/hmr' })
    expect((await theirs.nextFrame()).payload.toString()).toBe('hot')
    const ours = await connect(server, { after: text('hi') })
    expect((await ours.nextFrame()).payload.toString()).toBe('hi')
    for (const socket of neighbour.clients) socket.terminate()
  })

  it('a page asked for with Upgrade: h2c is served, its body read, its connection kept', async () => {
    const { server } = await serving(ECHO)
    const h2c = 'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n'
    const client = await rawRequest(
      server,
      `POST /page HTTP/1.1\r\nHost: x\r\n${h2c}Content-Length: 5\r\n\r\nhello`,
    )
    expect([client.status, await client.body()]).toEqual([200, 'POST /page hello'])
    const { length } = client.received
    client.write('GET /next HTTP/1.1\r\nHost: x\r\n\r\n')
    await client.receive(length + client.head.length)
    expect(String(client.received.subarray(length))).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
  })
})

describe('handleUpgrade', () => {
  it('serves an upgrade from a listener of its own', async () => {
    const server = await listen(pages())
    const router = new UpgradeRouter().ws('/chat', ECHO)
    server.on('upgrade', (request, stream, head) => router.handleUpgrade(request, stream, head))
    const client = await connect(server, { after: text('hi') })
    expect((await client.nextFrame()).payload.toString()).toBe('hi')
    expect((await rawUpgrade(server, { path: '/none' })).status).toBe(404)
  })

  it('serves any duplex stream', async () => {
    const router = new UpgradeRouter().ws('/chat', ECHO)
    const [stream, peer] = duplexPair()
    router.handleUpgrade(openingRequest({}, { url: '/chat' }), stream, text('hi'))
    const [response] = await once(peer, 'data')
    expect(String(response)).toMatch(/^HTTP\/1\.1 101 /)
    await router.close({ deadline: 0 })
  })

  it('throws when the stream is served already', () => {
    const router = new UpgradeRouter().ws('/chat', ECHO)
    const [stream] = duplexPair()
    const upgrade = () => router.handleUpgrade(openingRequest({}, { url: '/chat' }), stream, Buffer.alloc(0))
    upgrade()
    expect(upgrade).toThrow(
      'This upgrade is handled already: either attach the router, or call handleUpgrade once',
    )
    stream.destroy()
  })
})

describe('detaching', () => {
  it('leaves no listener, and the connections open', async () => {
    const server = await listen(pages())
    const listeners = listenerCounts(server)
    const detach = new UpgradeRouter().ws('/chat', ECHO).attach(server)
    const client = await connect(server)
    detach()
    expect(listenerCounts(server)).toEqual(listeners)
    client.write(text('hi'))
    expect((await client.nextFrame()).payload.toString()).toBe('hi')
  })
})

describe('closing', () => {
  it('sends 1001 to every peer and resolves when all have answered', async () => {
    const { server, router } = await serving(ECHO)
    const clients = [await connect(server), await connect(server)]
    const closed = router.close()
    for (const client of clients) {
      expect(await client.nextClose()).toEqual({ code: 1001, reason: '' })
      client.write(close(1001))
    }
    await closed
    expect(router.stats()).toMatchObject({ open: 0, closed: { 1001: 2 } })
  })

  it('sends the code and the reason it is given', async () => {
    const { server, router } = await serving(ECHO)
    const client = await connect(server)
    const closed = router.close({ code: 1012, reason: 'restart' })
    expect(await client.nextClose()).toEqual({ code: 1012, reason: 'restart' })
    client.end()
    await closed
  })

  it('cuts off a mute peer at the deadline', async () => {
    const { server, router } = await serving(ECHO)
    const client = await connect(server)
    await router.close({ deadline: 30 })
    await client.ended
    expect(router.stats()).toMatchObject({ open: 0, closed: { 1006: 1 } })
  })

  it('cuts off a handshake that is being decided at the deadline', async () => {
    const asked = vi.fn()
    const { server, router } = await serving({ upgrade: () => new Promise(asked) })
    const client = connect(server)
    client.catch(() => {})
    await vi.waitUntil(() => asked.mock.calls.length === 1)
    await router.close({ deadline: 30 })
    await expect(client).rejects.toThrow()
  })

  it('answers 503 to new upgrades', async () => {
    const { server, router } = await serving(ECHO)
    await router.close()
    expect(await statusAndBody(connect(server))).toBe('503 The server is shutting down')
  })

  it("begins with the server's own close(), which then ends", async () => {
    const { server, router } = await serving(ECHO)
    const client = await connect(server)
    const closed = once(server, 'close')
    server.close()
    expect((await client.nextClose()).code).toBe(1001)
    client.write(close(1001))
    await closed
    await router.close()
  })

  it('leaves no handle', async () => {
    const before = openHandles()
    const { server, router } = await serving(ECHO)
    const client = await connect(server)
    await router.close({ deadline: 0 })
    await client.ended
    server.close()
    await expectNoHandles(before)
  })
})

describe('a peer that resets', () => {
  const handshake = [
    'GET /chat HTTP/1.1',
    'Host: x',
    'Connection: Upgrade',
    'Upgrade: websocket',
    `Sec-WebSocket-Key: ${SAMPLE_KEY}`,
    'Sec-WebSocket-Version: 13',
    '\r\n',
  ].join('\r\n')
  const answered = (peer: Socket) => once(peer, 'data')
  const upgraded = (_peer: Socket, server: Server) => once(server, 'upgrade')

  it.each<[string, Handler, (peer: Socket, server: Server) => Promise<unknown>]>([
    ['while the upgrade hook decides', { upgrade: () => wait(20) }, upgraded],
    ['before it has read the 101', ECHO, upgraded],
    ['while the open hook works', { open: () => wait(20) }, answered],
    ['while it is open', ECHO, answered],
    ['while it is sent to', { open: (socket) => socket.send('x'.repeat(1 << 22)) }, answered],
    ['while it is paused', { open: (socket) => socket.pause() }, answered],
    ['while it is closing', { open: (socket) => socket.close(1000) }, answered],
    ['while it is refused', { upgrade: () => new UpgradeRejection(401) }, answered],
  ])('%s troubles nobody', async (_, handler, until) => {
    const before = openHandles()
    const onError = vi.fn()
    const { server, router } = await serving(handler, { onError })
    const gone = once(server, 'connection').then(
      ([transport]) => new Promise((resolve) => transport.once('close', resolve)),
    )
    const peer = tcpConnect((server.address() as AddressInfo).port, '127.0.0.1')
    const ready = until(peer, server)
    peer.write(handshake)
    await ready
    peer.resetAndDestroy()
    await gone
    await router.close({ deadline: 0 })
    server.close()
    await expectNoHandles(before)
    expect(router.stats()).toMatchObject({ open: 0, pending: 0 })
    expect(onError).not.toHaveBeenCalled()
  })
})

describe('misuse', () => {
  const router = new UpgradeRouter()

  it.each<[string, () => unknown, string]>([
    ['no handler', () => router.ws('/a', undefined as never), 'The handler must be a function'],
    ['nothing but a path', () => Reflect.apply(router.ws, router, ['/a']), 'it is missing'],
    [
      'a handler that is not last',
      () => router.ws('/a', (() => {}) as never, { maxPayload: 5 } as never),
      'in this order: ws(path, options, handler)',
    ],
    [
      'middleware',
      () => Reflect.apply(router.ws, router, ['/a', {}, () => {}, ECHO]),
      'options and one handler',
    ],
    ['an unknown hook', () => router.ws('/a', { onMessage() {} } as never), 'did you mean message?'],
    [
      'an unknown option',
      () => router.ws('/a', { maxPayLoad: 5 } as never, ECHO),
      'did you mean maxPayload?',
    ],
    ['an unknown option of all', () => new UpgradeRouter({ orgin: '*' } as never), 'did you mean origin?'],
    [
      'an onError that is no function',
      () => new UpgradeRouter({ onError: 5 as never }),
      'Option onError must be',
    ],
    [
      'compression',
      () => router.ws('/a', { perMessageDeflate: { level: 9 } } as never, ECHO),
      'perMessageDeflate',
    ],
    ['a path without a slash', () => router.ws('a', ECHO), "write '/a'"],
    [
      'a path that is there',
      () => router.ws('/b', ECHO).ws('/b', ECHO),
      'there is a route for the same paths',
    ],
    ['what is no server', () => router.attach({} as never), 'attach() takes an http or https server'],
  ])('throws for %s and says what to write', (_, misuse, message) => {
    expect(misuse).toThrow(TypeError)
    expect(misuse).toThrow(message)
  })

  it('throws once it is closed', async () => {
    const closed = new UpgradeRouter()
    await closed.close()
    expect(() => closed.ws('/a', ECHO)).toThrow('ws(): this router is closed; make a new UpgradeRouter')
    expect(() => closed.attach(pages())).toThrow('attach(): this router is closed')
    expect(() => closed.close({ code: 1006 })).toThrow(TypeError)
  })
})
