import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import {
  close,
  duplexPair,
  frame,
  listenerCounts,
  ping,
  rawRequest,
  rawUpgrade,
  text,
  type UpgradeOptions,
  watchProcess,
} from '@upwire/testkit'
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { WebSocketServer as WsServer } from 'ws'
import { WebSocketServer } from '../../src/server/websocket-server.ts'
import type { ClientInfo, WebSocketServerOptions } from '../../src/server/websocket-server-options.ts'
import type { WebSocket } from '../../src/websocket/websocket.ts'
import { openingRequest } from '../handshake/request.ts'
import { listen, pages, securePages, TRUST } from './servers.ts'

type Answers = WebSocketServerOptions['verifyClient']

let incidents: ReturnType<typeof watchProcess>

beforeEach(() => {
  incidents = watchProcess()
})

afterEach(async () => {
  await incidents.expectNone()
  incidents.stop()
})

async function answer(server: WebSocketServer, options?: UpgradeOptions): Promise<string> {
  const client = await rawUpgrade(server, options)
  const answered = `${client.status} ${await client.body()}`
  await client.ended
  return answered
}

/** What holds for the class of the package `ws` holds for ours: each of these runs on both. */
describe.each([
  ['of Upwire', WebSocketServer],
  ['of the package ws', WsServer as unknown as typeof WebSocketServer],
])('a WebSocketServer %s', (_, Server) => {
  /** A server on a port of its own, which ends with its clients after the test. */
  async function onPort(options: WebSocketServerOptions = {}): Promise<WebSocketServer> {
    const server = new Server({ port: 0, host: '127.0.0.1', ...options })
    onTestFinished(() => {
      server.close()
      for (const client of server.clients ?? []) client.terminate()
    })
    await once(server, 'listening')
    return server
  }

  it('wants one of port, server and noServer', () => {
    expect(() => new Server({})).toThrow(
      new TypeError('One and only one of the "port", "server", or "noServer" options must be specified'),
    )
  })

  it('calls back, and emits listening, when it listens on its port', async () => {
    const callback = vi.fn()
    const server = new Server({ port: 0, host: '127.0.0.1' }, callback)
    expect(server.address()).toBeNull()
    await once(server, 'listening')
    expect(callback).toHaveBeenCalledOnce()
    expect(server.address()).toMatchObject({ address: '127.0.0.1' })
    server.close()
    await once(server, 'close')
    expect(server.address()).toBeNull()
  })

  it('emits error when its port is taken', async () => {
    const { port } = (await onPort()).address() as { port: number }
    const [error] = await once(new Server({ port, host: '127.0.0.1' }), 'error')
    expect(error.code).toBe('EADDRINUSE')
  })

  it('answers 426 to a page request on its own port', async () => {
    const client = await rawRequest(await onPort(), 'GET / HTTP/1.1\r\nHost: x\r\n\r\n')
    expect([client.status, await client.body()]).toEqual([426, 'Upgrade Required'])
  })

  it('emits connection with the socket and its request, and delivers what came with the handshake', async () => {
    const server = await onPort()
    const message = new Promise((resolve) => {
      server.on('connection', (socket) => socket.on('message', (...received) => resolve(received)))
    })
    const connected = once(server, 'connection')
    const client = await rawUpgrade(server, { path: '/?a=1', after: text('hi') })
    const [socket, request] = await connected
    expect([...(server.clients ?? [])]).toEqual([socket])
    expect(request.url).toBe('/?a=1')
    expect(await message).toEqual([Buffer.from('hi'), false])
    client.write(close(1000))
    await once(socket, 'close')
    expect(server.clients?.size).toBe(0)
  })

  it('keeps its options', async () => {
    const handleProtocols = () => false as const
    const { options } = await onPort({ handleProtocols, path: '/chat' })
    expect(options).toMatchObject({ handleProtocols, path: '/chat', clientTracking: true, noServer: false })
  })

  it('keeps no clients without clientTracking', async () => {
    const server = await onPort({ clientTracking: false })
    expect(server.clients).toBeUndefined()
    const connected = once(server, 'connection')
    await rawUpgrade(server)
    const [socket] = await connected
    socket.terminate()
    server.close()
    await once(server, 'close')
  })

  it('has its http server as _server until it is closed', async () => {
    const own = await onPort()
    expect(own._server?.address()).toEqual(own.address())
    own.close()
    expect(own._server).toBeNull()
    const server = pages()
    expect(new Server({ server })._server).toBe(server)
  })

  it('makes its sockets of the class it is given', async () => {
    const Base = new Server({ noServer: true }).options.WebSocket
    class Chatter extends Base {
      readonly name = 'chatter'
    }
    const server = await onPort({ WebSocket: Chatter as unknown as typeof WebSocket })
    const connected = once(server, 'connection')
    await rawUpgrade(server)
    expect((await connected)[0]).toMatchObject({ name: 'chatter' })
  })

  it('emits headers, which may be changed, before the 101', async () => {
    const server = await onPort()
    server.on('headers', (lines: string[], { url }: IncomingMessage) => lines.push(`X-Target: ${url}`))
    const client = await rawUpgrade(server, { path: '/chat' })
    expect(client.headers.get('x-target')).toEqual(['/chat'])
  })

  describe('refuses', () => {
    it.each<[string, UpgradeOptions, string]>([
      ['another method', { method: 'POST' }, '405 Invalid HTTP method'],
      ['another protocol', { headers: { upgrade: 'foo' } }, '400 Invalid Upgrade header'],
      [
        'no key',
        { headers: { 'sec-websocket-key': null } },
        '400 Missing or invalid Sec-WebSocket-Key header',
      ],
      [
        'a bad key',
        { headers: { 'sec-websocket-key': 'P5l8xLzQ==' } },
        '400 Missing or invalid Sec-WebSocket-Key header',
      ],
      [
        'no version',
        { headers: { 'sec-websocket-version': null } },
        '400 Missing or invalid Sec-WebSocket-Version header',
      ],
      [
        'another version',
        { headers: { 'sec-websocket-version': '12' } },
        '400 Missing or invalid Sec-WebSocket-Version header',
      ],
      [
        'a malformed subprotocol',
        { headers: { 'sec-websocket-protocol': 'foo;bar' } },
        '400 Invalid Sec-WebSocket-Protocol header',
      ],
      [
        'an offer of permessage-deflate that cannot be accepted',
        { headers: { 'sec-websocket-extensions': 'permessage-deflate; server_max_window_bits=foo' } },
        '400 Invalid or unacceptable Sec-WebSocket-Extensions header',
      ],
      [
        'a malformed offer',
        { headers: { 'sec-websocket-extensions': 'permessage-deflate; a="' } },
        '400 Invalid or unacceptable Sec-WebSocket-Extensions header',
      ],
      ['another path', { path: '/other?a=/chat' }, '400 Bad Request'],
    ])('%s', async (_case, options, expected) => {
      const server = await onPort({ path: '/chat', perMessageDeflate: true })
      expect(await answer(server, { path: '/chat', ...options })).toBe(expected)
    })

    it('as a page of HTML, and closes', async () => {
      const { headers } = await rawUpgrade(await onPort(), { headers: { 'sec-websocket-version': '12' } })
      expect(headers.get('content-type')).toEqual(['text/html'])
      expect(headers.get('connection')).toEqual(['close'])
      expect(headers.get('sec-websocket-version')).toEqual(['13, 8'])
    })

    it('nothing by itself where wsClientError is listened to', async () => {
      const server = await onPort()
      server.on('wsClientError', ({ message }: Error, stream: Duplex, { method }: IncomingMessage) => {
        stream.end(`HTTP/1.1 418 Teapot\r\n\r\n${method}: ${message}`)
      })
      expect(await answer(server, { method: 'POST' })).toBe('418 POST: Invalid HTTP method')
    })
  })

  describe('with permessage-deflate', () => {
    const offered = { headers: { 'sec-websocket-extensions': 'x-unknown, permessage-deflate' } }

    it('accepts it, and says so in the 101 and in socket.extensions', async () => {
      const server = await onPort({ perMessageDeflate: { serverNoContextTakeover: true } })
      const connected = once(server, 'connection')
      const [extensions] = (await rawUpgrade(server, offered)).headers.get('sec-websocket-extensions') ?? []
      expect(extensions).toMatch(/^permessage-deflate; server_no_context_takeover/)
      expect((await connected)[0].extensions).not.toBe('')
    })

    it('speaks it only when asked', async () => {
      const client = await rawUpgrade(await onPort(), offered)
      expect([client.status, client.headers.get('sec-websocket-extensions')]).toEqual([101, undefined])
    })

    it('goes on without where another extension is offered', async () => {
      const headers = { 'sec-websocket-extensions': 'x-unknown; a=b' }
      const client = await rawUpgrade(await onPort({ perMessageDeflate: true }), { headers })
      expect([client.status, client.headers.get('sec-websocket-extensions')]).toEqual([101, undefined])
    })
  })

  it.each(['13', '8'])('accepts version %s', async (version) => {
    const client = await rawUpgrade(await onPort(), { headers: { 'sec-websocket-version': version } })
    expect(client.status).toBe(101)
  })

  it('accepts its path with a query', async () => {
    expect((await rawUpgrade(await onPort({ path: '/chat' }), { path: '/chat?a=1' })).status).toBe(101)
  })

  it('asks shouldHandle where it is overridden', async () => {
    class Picky extends Server {
      override shouldHandle({ url }: IncomingMessage): boolean {
        return url === '/picked'
      }
    }
    const server = await listen(pages())
    new Picky({ server })
    expect((await rawUpgrade(server, { path: '/picked' })).status).toBe(101)
    expect((await rawUpgrade(server)).status).toBe(400)
  })

  describe('with verifyClient', () => {
    it.each<[string, Answers, string]>([
      ['returns false', () => false, '401 Unauthorized'],
      ['calls back with false', (_info, done) => done(false), '401 Unauthorized'],
      ['calls back later', (_info, done) => setImmediate(done, false, 404), '404 Not Found'],
      ['calls back with more', (_info, done) => done(false, 402, 'Pay first'), '402 Pay first'],
    ])('that %s, refuses', async (_case, verifyClient, expected) => {
      expect(await answer(await onPort({ verifyClient }))).toBe(expected)
    })

    it.each<[string, Answers]>([
      ['returns true', () => true],
      ['calls back with true', (_info, done) => done(true)],
      ['calls back later', (_info, done) => setImmediate(done, true)],
    ])('that %s, accepts', async (_case, verifyClient) => {
      expect((await rawUpgrade(await onPort({ verifyClient }))).status).toBe(101)
    })

    it('adds the headers it calls back with', async () => {
      const verifyClient: Answers = (_info, done) => done(false, 401, '', { 'WWW-Authenticate': 'Bearer' })
      const { headers } = await rawUpgrade(await onPort({ verifyClient }))
      expect(headers.get('www-authenticate')).toEqual(['Bearer'])
    })

    it.each([
      ['13', 'origin'],
      ['8', 'sec-websocket-origin'],
    ])('of version %s, tells it the %s', async (version, header) => {
      const infos: ClientInfo[] = []
      const verifyClient: Answers = (info: ClientInfo) => infos.push(info)
      const server = await onPort({ verifyClient, origin: 'dangerously-any' })
      await rawUpgrade(server, {
        headers: { 'sec-websocket-version': version, [header]: 'https://a.example' },
      })
      expect(infos).toEqual([
        { origin: 'https://a.example', secure: false, req: expect.objectContaining({ url: '/' }) },
      ])
    })

    it('tells it whether the connection is encrypted', async () => {
      const infos: ClientInfo[] = []
      const server = await listen(securePages())
      new Server({ server, verifyClient: (info: ClientInfo) => infos.push(info) })
      await rawUpgrade(server, { tls: TRUST })
      expect(infos).toEqual([expect.objectContaining({ secure: true })])
    })

    it('answers 503 when it was closed meanwhile', async () => {
      const server = await listen(pages())
      const verifying = new Server({
        server,
        verifyClient(_info, done) {
          verifying.close()
          setImmediate(done, true)
        },
      })
      expect((await rawUpgrade(server)).status).toBe(503)
    })
  })

  describe('with subprotocols', () => {
    const offered = { headers: { 'sec-websocket-protocol': 'b, a' } }

    it.each<[string, WebSocketServerOptions['handleProtocols'], string[] | undefined]>([
      ['the first where nobody chooses', undefined, ['b']],
      ['what handleProtocols chooses', (names) => [...names].sort()[0], ['a']],
      ['none where handleProtocols says false', () => false, undefined],
    ])('has %s', async (_case, handleProtocols, expected) => {
      const server = await onPort({ handleProtocols })
      const connected = once(server, 'connection')
      const client = await rawUpgrade(server, offered)
      expect(client.headers.get('sec-websocket-protocol')).toEqual(expected)
      expect((await connected)[0].protocol).toBe(expected?.[0] ?? '')
    })

    it('asks nobody where none is offered', async () => {
      const handleProtocols = vi.fn()
      await rawUpgrade(await onPort({ handleProtocols }))
      expect(handleProtocols).not.toHaveBeenCalled()
    })
  })

  describe('on a server that is there', () => {
    it('takes its upgrades, and leaves it as it was', async () => {
      const server = await listen(pages())
      const listeners = listenerCounts(server)
      const sockets = new Server({ server })
      expect((await rawUpgrade(server)).status).toBe(101)
      for (const socket of sockets.clients ?? []) socket.terminate()
      sockets.close()
      await once(sockets, 'close')
      expect(listenerCounts(server)).toEqual(listeners)
      expect(server.listening).toBe(true)
    })

    it('tells when it listens', async () => {
      const server = pages()
      const listening = once(new Server({ server }), 'listening')
      await listen(server)
      await listening
    })

    it('tells of its errors', async () => {
      const server = createServer()
      const failed = once(new Server({ server }), 'error')
      server.emit('error', new Error('no'))
      expect(await failed).toEqual([new Error('no')])
    })

    it('has its address, be it a path', async () => {
      const server = createServer()
      const path = join(tmpdir(), `upwire-${process.pid}-${Math.random()}.sock`)
      server.listen(path)
      await once(server, 'listening')
      expect(new Server({ server }).address()).toBe(path)
      server.close()
      await once(server, 'close')
    })
  })

  describe('tells its connections', () => {
    /** The frame that a client gets first, from a server that echoes what it receives as binary. */
    async function firstReply(options: WebSocketServerOptions, ...frames: Buffer[]) {
      const server = await onPort(options)
      server.on('connection', (socket) => {
        socket.on('message', (data) => socket.send(data as Buffer)).on('error', () => {})
      })
      const client = await rawUpgrade(server, { after: Buffer.concat(frames) })
      return client.nextFrame()
    }
    const notUtf8 = Buffer.of(0xff)

    it('whether they answer Pings by themselves', async () => {
      const frames = [ping('?'), text('!')]
      expect((await firstReply({}, ...frames)).payload.toString()).toBe('?')
      expect((await firstReply({ autoPong: false }, ...frames)).payload.toString()).toBe('!')
    })

    it('whether they look at UTF-8', async () => {
      expect((await firstReply({}, text(notUtf8))).payload.readUInt16BE()).toBe(1007)
      expect((await firstReply({ skipUTF8Validation: true }, text(notUtf8))).payload).toEqual(notUtf8)
    })

    it('how many fragments a message may have', async () => {
      const fragments = [frame(0x1, '', { fin: false }), frame(0x0, '', { fin: false }), frame(0x0, '')]
      expect((await firstReply({ maxFragments: 3 }, ...fragments)).payload).toEqual(Buffer.alloc(0))
      expect((await firstReply({ maxFragments: 2 }, ...fragments)).payload.readUInt16BE()).toBe(1008)
    })
  })

  describe('in noServer mode', () => {
    it('has no address', () => {
      expect(() => new Server({ noServer: true }).address()).toThrow(
        new Error('The server is operating in "noServer" mode'),
      )
    })

    it('upgrades any stream, and calls back with the socket and its request', async () => {
      const server = new Server({ noServer: true })
      const [stream, peer] = duplexPair()
      const request = openingRequest()
      const callback = vi.fn()
      server.handleUpgrade(request, stream, Buffer.alloc(0), callback)
      const [response] = await once(peer, 'data')
      expect(String(response)).toMatch(/^HTTP\/1\.1 101 /)
      const [socket] = [...(server.clients ?? [])]
      expect(callback).toHaveBeenCalledExactlyOnceWith(socket, request)
      socket.terminate()
      await once(socket, 'close')
    })

    it('leaves a stream to the one that has refused it', async () => {
      const server = await listen(pages())
      const paths = ['/a', '/b'].map((path) => new Server({ noServer: true, path }))
      server.on('upgrade', (request, stream, head) => {
        for (const sockets of paths) sockets.handleUpgrade(request, stream, head, fail)
      })
      const client = await rawUpgrade(server, { path: '/b' })
      await client.ended
    })

    it('opens nothing for a client that has ended its side', async () => {
      const [stream, peer] = duplexPair()
      peer.end()
      await once(stream.resume(), 'end')
      const callback = vi.fn()
      new Server({ noServer: true }).handleUpgrade(openingRequest(), stream, Buffer.alloc(0), callback)
      expect(stream.destroyed).toBe(true)
      expect(callback).not.toHaveBeenCalled()
    })

    it('throws when a stream is given to it twice', async () => {
      const server = new Server({ noServer: true })
      const [stream] = duplexPair()
      const upgrade = () => server.handleUpgrade(openingRequest(), stream, Buffer.alloc(0), () => {})
      upgrade()
      expect(upgrade).toThrow(
        'server.handleUpgrade() was called more than once with the same socket, possibly due to a misconfiguration',
      )
      const [socket] = [...(server.clients ?? [])]
      socket.terminate()
      await once(socket, 'close')
    })
  })

  describe('that closes', () => {
    it('ends no connection, waits for them, and then emits close and calls back', async () => {
      const server = await onPort()
      const client = await rawUpgrade(server)
      const closed = vi.fn()
      server.close(closed)
      const ended = once(server, 'close')
      await new Promise(setImmediate)
      expect(closed).not.toHaveBeenCalled()
      client.write(close(1000))
      await ended
      expect(closed).toHaveBeenCalledExactlyOnceWith()
    })

    it('calls everybody back who asked', async () => {
      const server = new Server({ noServer: true })
      const [first, second] = [vi.fn(), vi.fn()]
      server.close(first)
      server.close(second)
      await once(server, 'close')
      expect(first).toHaveBeenCalledExactlyOnceWith()
      expect(second).toHaveBeenCalledExactlyOnceWith()
    })

    it('tells who comes too late that it is not running', async () => {
      const server = new Server({ noServer: true })
      server.close()
      await once(server, 'close')
      const late = vi.fn()
      server.close(late)
      await once(server, 'close')
      expect(late).toHaveBeenCalledExactlyOnceWith(new Error('The server is not running'))
    })

    it('answers 503 from then on', async () => {
      const server = await listen(pages())
      const sockets = new Server({ noServer: true })
      server.on('upgrade', (request, stream, head) => sockets.handleUpgrade(request, stream, head, () => {}))
      sockets.close()
      const client = await rawUpgrade(server)
      expect([client.status, await client.body()]).toEqual([503, 'Service Unavailable'])
    })
  })
})

describe('where the defaults of ws are not safe, a WebSocketServer', () => {
  async function onServer(options: WebSocketServerOptions = {}) {
    const server = await listen(pages())
    return { server, sockets: new WebSocketServer({ server, ...options }) }
  }

  it.each([
    ['13', 'origin'],
    ['8', 'sec-websocket-origin'],
  ])('answers 403 to pages of another origin, in version %s', async (version, header) => {
    const { server } = await onServer()
    const headers = { 'sec-websocket-version': version, [header]: 'https://evil.example' }
    const client = await rawUpgrade(server, { headers })
    expect([client.status, await client.body()]).toEqual([403, 'Forbidden'])
  })

  it('lets in the origins it is told to', async () => {
    const { server } = await onServer({ origin: 'https://app.example' })
    expect((await rawUpgrade(server, { headers: { origin: 'https://app.example' } })).status).toBe(101)
  })

  it.each([
    ['1 MiB by default', undefined, 2 ** 20 + 1],
    ['maxPayload', 10, 11],
  ])('takes messages of at most %s', async (_, maxPayload, length) => {
    const { server } = await onServer({ maxPayload })
    const client = await rawUpgrade(server, { after: text(Buffer.alloc(length)).subarray(0, 14) })
    expect((await client.nextClose()).code).toBe(1009)
  })

  it('takes messages of any length with maxPayload: 0, as ws does', async () => {
    const { server, sockets } = await onServer({ maxPayload: 0 })
    const connected = once(sockets, 'connection')
    await rawUpgrade(server, { after: text(Buffer.alloc(2 ** 20 + 1)) })
    const [socket] = await connected
    expect((await once(socket, 'message'))[0]).toHaveLength(2 ** 20 + 1)
  })

  it('survives what a connection listener throws: it logs it and closes with 1011', async () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => {})
    const { server, sockets } = await onServer()
    const fault = new Error('a bug')
    sockets.on('connection', () => {
      throw fault
    })
    const client = await rawUpgrade(server)
    expect((await client.nextClose()).code).toBe(1011)
    expect(log).toHaveBeenCalledExactlyOnceWith(fault.stack)
    log.mockRestore()
  })

  it('leaves upgrades alone that another one on the same server has taken', async () => {
    const { server, sockets } = await onServer({ path: '/a' })
    const others = [new WebSocketServer({ server, path: '/b' }), new WebSocketServer({ server })]
    expect((await rawUpgrade(server, { path: '/a' })).status).toBe(101)
    expect((await rawUpgrade(server, { path: '/b' })).status).toBe(400)
    expect([sockets, ...others].map(({ clients }) => clients?.size)).toEqual([1, 0, 0])
  })

  it('tells onError instead, where there is one', async () => {
    const onError = vi.fn()
    const { server, sockets } = await onServer({ onError, verifyClient: () => true })
    const fault = new Error('a bug')
    sockets.on('connection', () => {
      throw fault
    })
    const client = await rawUpgrade(server)
    expect((await client.nextClose()).code).toBe(1011)
    expect(onError).toHaveBeenCalledExactlyOnceWith(fault, expect.any(Object))
  })

  it.each<[string, WebSocketServerOptions]>([
    ['verifyClient', { verifyClient: fail }],
    ['a verifyClient that calls back', { verifyClient: (_info, _done) => fail() }],
    ['an async verifyClient', { verifyClient: async () => fail() }],
    ['handleProtocols', { handleProtocols: fail }],
    ['an origin function', { origin: fail }],
  ])('answers 500 to what %s throws, and logs it', async (_, options) => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => {})
    const { server } = await onServer(options)
    const client = await rawUpgrade(server, { headers: { 'sec-websocket-protocol': 'a' } })
    expect(client.status).toBe(500)
    expect(log).toHaveBeenCalledOnce()
    log.mockRestore()
  })

  it.each([
    [true, 101],
    [false, 401],
  ])('takes what an async verifyClient resolves to, %s, for its answer', async (verified, status) => {
    const { server } = await onServer({ verifyClient: async () => verified })
    expect((await rawUpgrade(server)).status).toBe(status)
  })

  it('answers 503 when verifyClient takes longer than handshakeTimeout', async () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => {})
    const { server } = await onServer({ verifyClient: (_info, _done) => {}, handshakeTimeout: 20 })
    expect((await rawUpgrade(server)).status).toBe(503)
    log.mockRestore()
  })

  it.each(['X-A: b\r\nX-C: d', 'X-A: b\nX-C: d', 'X-A: \0'])(
    'sends no broken header line: %j',
    async (line) => {
      const log = vi.spyOn(console, 'error').mockImplementation(() => {})
      const { server, sockets } = await onServer()
      sockets.on('headers', (lines) => lines.push(line))
      const client = await rawUpgrade(server)
      expect(client.status).toBe(500)
      expect(client.head).not.toContain('X-')
      log.mockRestore()
    },
  )

  it('gives its sockets the topics of one another', async () => {
    const { server, sockets } = await onServer()
    sockets.on('connection', (socket: WebSocket) => {
      socket.subscribe('news')
      socket.publish('news', 'another')
    })
    const first = await rawUpgrade(server)
    await rawUpgrade(server)
    expect((await first.nextFrame()).payload.toString()).toBe('another')
  })
})

function fail(): never {
  throw new Error('a bug')
}
