import { once } from 'node:events'
import type { ClientRequest, IncomingMessage } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { duplexPair, watchEachTest } from '@upwire/testkit'
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import '../../src/client/connect.ts'
import type { ClientOptions } from '../../src/websocket/client-options.ts'
import { WebSocket } from '../../src/websocket/websocket.ts'
import { listen, TLS } from '../server/servers.ts'
import { turns } from '../support/turns.ts'
import { rawServer, readRequest, redirecting, responseHead, switching, unixPath } from './servers.ts'

watchEachTest()

afterEach(() => void vi.useRealTimers())

/** A client, what it was told, and its end. */
interface Client {
  readonly socket: WebSocket
  readonly events: string[]
  readonly error: () => { code?: string; message: string; cause?: unknown } | undefined
  readonly closed: Promise<unknown>
}

function client(address: string | URL, options: ClientOptions = {}): Client {
  const socket = new WebSocket(address, options)
  const events: string[] = []
  let failure: Error | undefined
  const note = (event: string) => events.push(`${event} ${socket.readyState}`)
  socket
    .on('upgrade', () => note('upgrade'))
    .on('open', () => note('open'))
    .on('message', (data) => note(`message ${data}`))
    .on('error', (error) => {
      failure = error
      note('error')
    })
    .on('close', (code) => note(`close ${code}`))
  onTestFinished(() => socket.terminate())
  return {
    socket,
    events,
    error: () => failure,
    closed: new Promise((resolve) => socket.on('close', resolve)),
  }
}

/** A client on a stream in memory, and the other end of it. */
function inMemory(options: ClientOptions = {}): Client & { peer: Duplex; request: Promise<string> } {
  const [stream, peer] = duplexPair({ allowHalfOpen: false })
  onTestFinished(() => {
    stream.destroy()
    peer.destroy()
  })
  let head = ''
  const request = new Promise<string>((resolve) => {
    peer.on('data', (chunk: Buffer) => {
      head += chunk.toString('latin1')
      if (head.includes('\r\n\r\n')) resolve(head)
    })
  })
  return {
    ...client('ws://server.example/chat', { ...options, createConnection: () => stream }),
    peer,
    request,
  }
}

const switchingTo = (request: string, changes?: Record<string, string | null>) =>
  switching(readRequest(request), changes)

const GOOD = ['upgrade 0', 'open 1']
const FAILED = ['error 2', 'close 1006 3']

describe('a good handshake', () => {
  it("is told as 'upgrade', then 'open', then what came in one segment with the 101", async () => {
    const { peer, request, events, socket } = inMemory({ subprotocols: ['a', 'b'] })
    expect([socket.readyState, socket.url]).toEqual([WebSocket.CONNECTING, 'ws://server.example/chat'])
    const head = switchingTo(await request, { 'Sec-WebSocket-Protocol': 'b' })
    peer.write(Buffer.concat([Buffer.from(head), Buffer.from('810161' + '810162', 'hex')]))
    await once(socket, 'open')
    await turns()
    expect(events).toEqual([...GOOD, 'message a 1', 'message b 1'])
    expect([socket.protocol, socket.url]).toEqual(['b', 'ws://server.example/chat'])
  })

  it('asks for a connection as RFC 6455 §4.1 has it', async () => {
    const { request } = inMemory({ subprotocols: ['a', 'b'], headers: { 'X-A': '1', upgrade: 'h2c' } })
    const [requestLine, ...lines] = (await request).trimEnd().split('\r\n')
    expect(requestLine).toBe('GET /chat HTTP/1.1')
    expect(lines.map((line) => line.replace(/Key: [A-Za-z0-9+/]{21}[AQgw]==$/, 'Key: …')).sort()).toEqual([
      'Connection: Upgrade',
      'Host: server.example',
      'Sec-WebSocket-Key: …',
      'Sec-WebSocket-Protocol: a,b',
      'Sec-WebSocket-Version: 13',
      'Upgrade: websocket',
      'x-a: 1',
    ])
  })

  it('has a key of its own each time', async () => {
    const requests = await Promise.all([inMemory().request, inMemory().request])
    const keys = requests.map((request) => /Sec-WebSocket-Key: (.*)\r/.exec(request)?.[1])
    expect(new Set(keys).size).toBe(2)
  })

  it('may come after other responses that are not the last one', async () => {
    const { peer, request, socket, events } = inMemory()
    peer.write(responseHead('103 Early Hints', { Link: '</a>' }) + switchingTo(await request))
    await once(socket, 'open')
    expect(events).toEqual(GOOD)
  })

  it('masks each frame with a key of its own, from generateMask where that is given (CVE-2025-10148)', async () => {
    const generateMask = (mask: Buffer) => void mask.fill(0)
    const [own, given] = [inMemory(), inMemory({ generateMask })]
    const sent = await Promise.all(
      [own, given].map(async ({ peer, request, socket }) => {
        const frames: Buffer[] = []
        peer.write(switchingTo(await request))
        await once(socket, 'open')
        peer.on('data', (chunk: Buffer) => frames.push(chunk))
        for (let count = 0; count < 3; count++) socket.send('abc')
        await turns()
        return Buffer.concat(frames)
      }),
    )
    const keys = [0, 9, 18].map((at) => sent[0].toString('hex', at + 2, at + 6))
    expect([sent[0].length, new Set(keys).size]).toEqual([27, 3])
    expect(sent[1].toString('hex')).toBe('8183 00000000 616263'.replaceAll(' ', '').repeat(3))
  })

  it('is over: what becomes of its request does not touch the connection', async () => {
    let clientRequest: ClientRequest | undefined
    const finishRequest = (request: ClientRequest) => {
      clientRequest = request
      request.end()
    }
    const { peer, request, socket, events } = inMemory({ finishRequest })
    peer.write(switchingTo(await request))
    await once(socket, 'open')
    clientRequest?.emit('error', new Error('late'))
    await turns()
    expect([events, socket.readyState]).toEqual([GOOD, WebSocket.OPEN])
  })

  it('needs no listener: what arrives waits for one', async () => {
    const [stream, peer] = duplexPair()
    const socket = new WebSocket('ws://server.example', { createConnection: () => stream })
    const [request] = (await once(peer, 'data')) as [Buffer]
    peer.write(Buffer.concat([Buffer.from(switchingTo(request.toString())), Buffer.from('810161', 'hex')]))
    await turns(5)
    expect(String((await once(socket, 'message'))[0])).toBe('a')
    socket.terminate()
  })
})

describe('a response', () => {
  const CASES: [string, (request: string) => string, ClientOptions, string][] = [
    [
      'without Upgrade',
      (request) => switchingTo(request, { Upgrade: null }),
      {},
      'UPWIRE_BAD_RESPONSE_UPGRADE',
    ],
    [
      'to another protocol',
      (request) => switchingTo(request, { Upgrade: 'h2c' }),
      {},
      'UPWIRE_BAD_RESPONSE_UPGRADE',
    ],
    [
      'without Connection',
      (request) => switchingTo(request, { Connection: null }),
      {},
      'UPWIRE_BAD_RESPONSE_CONNECTION',
    ],
    [
      'with a wrong accept value',
      (request) => switchingTo(request, { 'Sec-WebSocket-Accept': 'CxYS6+NgJSBG74mdgLvGscRvpns=' }),
      {},
      'UPWIRE_BAD_RESPONSE_ACCEPT',
    ],
    [
      'with an unasked subprotocol',
      (request) => switchingTo(request, { 'Sec-WebSocket-Protocol': 'a' }),
      {},
      'UPWIRE_UNASKED_SUBPROTOCOL',
    ],
    [
      'without a subprotocol',
      (request) => switchingTo(request),
      { subprotocols: 'a' },
      'UPWIRE_NO_SUBPROTOCOL',
    ],
    [
      'with an unasked extension',
      (request) => switchingTo(request, { 'Sec-WebSocket-Extensions': 'permessage-deflate' }),
      {},
      'UPWIRE_UNASKED_EXTENSION',
    ],
    [
      'that refuses',
      () => responseHead('401 Unauthorized', { 'Content-Length': '0' }),
      {},
      'UPWIRE_UNEXPECTED_RESPONSE',
    ],
    [
      'that redirects, when that is not followed',
      () => responseHead('302 Found', { Location: '/' }),
      {},
      'UPWIRE_UNEXPECTED_RESPONSE',
    ],
    ['that is not HTTP', () => 'SSH-2.0-OpenSSH_9.6\r\n', {}, 'HPE_INVALID_CONSTANT'],
    [
      'with a header that is none',
      (request) => switchingTo(request, { 'X A': 'b' }),
      {},
      'HPE_INVALID_HEADER_TOKEN',
    ],
  ]

  it.each(CASES)(
    '%s fails the handshake with its code, cut anywhere',
    async (_what, answer, options, code) => {
      const run = async (cut: number) => {
        const { peer, request, closed, events, error } = inMemory(options)
        const response = Buffer.from(answer(await request))
        peer.write(response.subarray(0, cut))
        await turns(1)
        peer.write(response.subarray(cut))
        await closed
        expect([events.filter((event) => event !== 'upgrade 0'), error()?.code]).toEqual([FAILED, code])
        await turns()
        expect(peer.destroyed || peer.readableEnded).toBe(true)
      }
      const { length } = answer('')
      await Promise.all(Array.from({ length }, (_, cut) => run(cut)))
    },
  )

  it('that is right opens the connection, cut anywhere', async () => {
    const run = async (cut: number) => {
      const { peer, request, socket, events } = inMemory()
      const message = once(socket, 'message')
      const response = Buffer.concat([Buffer.from(switchingTo(await request)), Buffer.from('810161', 'hex')])
      peer.write(response.subarray(0, cut))
      await turns(1)
      peer.write(response.subarray(cut))
      await message
      expect(events).toEqual([...GOOD, 'message a 1'])
    }
    const { length } = switchingTo('')
    await Promise.all(Array.from({ length: length + 2 }, (_, cut) => run(cut + 1)))
  })

  it.each([
    ['nothing', ''],
    ['half of it', 'HTTP/1.1 101 Switching Protocols\r\nUpgra'],
  ])('of which %s comes before the end of the stream fails with ECONNRESET', async (_what, bytes) => {
    const { peer, request, closed, events, error } = inMemory()
    await request
    peer.end(bytes)
    await closed
    expect([events, error()?.code]).toEqual([FAILED, 'ECONNRESET'])
  })

  it('of 1 MiB in chunks of one byte is read up to the cap and no further (CVE-2023-43669)', async () => {
    const { peer, request, socket, events, error } = inMemory({ handshakeTimeout: 0 })
    await request
    const start = Buffer.from('HTTP/1.1 101 Switching Protocols\r\nX-A: ')
    const bytes = Buffer.concat([start, Buffer.alloc(1024 * 1024, 'a')])
    let sent = 0
    let isOver = false
    socket.on('close', () => {
      isOver = true
    })
    while (!isOver && sent < bytes.length) {
      peer.write(bytes.subarray(sent, sent + 1))
      sent++
      await turns(1)
    }
    expect([events, error()?.code]).toEqual([FAILED, 'HPE_HEADER_OVERFLOW'])
    expect(sent).toBeLessThan(17 * 1024)
  })

  it('may have a longer head where maxHeaderSize says so', async () => {
    const { peer, request, socket } = inMemory({ maxHeaderSize: 64 * 1024 })
    peer.write(switchingTo(await request, { 'X-A': 'a'.repeat(50_000) }))
    await once(socket, 'open')
  })

  it.each([
    'permessage-deflate; client_max_window_bits=7',
    'permessage-deflate; unknown',
    'permessage-deflate; client_max_window_bits=10, permessage-deflate',
  ])('with the extensions %s fails, and says why as its cause', async (extensions) => {
    const { peer, request, closed, error } = inMemory({ perMessageDeflate: true })
    peer.write(switchingTo(await request, { 'Sec-WebSocket-Extensions': extensions }))
    await closed
    expect(error()).toMatchObject({
      code: 'UPWIRE_BAD_RESPONSE_EXTENSIONS',
      message: 'Invalid Sec-WebSocket-Extensions header',
      cause: { code: 'UPWIRE_BAD_EXTENSION_RESPONSE' },
    })
  })

  it("that is no upgrade is given to an 'unexpected-response' listener, which has the time it takes", async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const { peer, request, socket, events, closed } = inMemory()
    const unexpected = once(socket, 'unexpected-response')
    await request
    peer.write(`${responseHead('401 Unauthorized', { 'Content-Length': '4' })}body`)
    const [clientRequest, response] = (await unexpected) as [ClientRequest, IncomingMessage]
    expect([response.statusCode, String(await once(response, 'data'))]).toEqual([401, 'body'])
    vi.advanceTimersByTime(60_000)
    await turns()
    expect(events).toEqual([])
    socket.terminate()
    await closed
    expect([events, clientRequest.destroyed]).toEqual([FAILED, true])
  })
})

describe('a handshake that is given up', () => {
  const ABORTED = {
    code: 'UPWIRE_CONNECT_ABORTED',
    message: 'WebSocket was closed before the connection was established',
  }

  it.each(['close', 'terminate'] as const)('by %s() at once fails, and goes no further', async (method) => {
    const { socket, closed, events, error, peer } = inMemory()
    socket[method]()
    socket[method]()
    expect([socket.readyState, events]).toEqual([WebSocket.CLOSING, []])
    await closed
    expect([events, socket.readyState]).toEqual([FAILED, WebSocket.CLOSED])
    expect(error()).toMatchObject(ABORTED)
    await turns()
    expect(peer.destroyed || peer.readableEnded).toBe(true)
  })

  it.each(['upgrade', 'redirect'] as const)("in an '%s' listener does not open", async (event) => {
    const { port } = await rawServer((socket, request) =>
      socket.write(event === 'upgrade' ? switching(request) : responseHead('302 Found', { Location: '/b' })),
    )
    const { socket, closed, events, error } = client(`ws://127.0.0.1:${port}`, { followRedirects: true })
    socket.on(event, () => socket.close())
    await closed
    expect(events.slice(-2)).toEqual(FAILED)
    expect(events).not.toContain('open 1')
    expect(error()).toMatchObject(ABORTED)
  })

  it('in finishRequest is not sent', async () => {
    const finishRequest = (_request: ClientRequest, socket: WebSocket) => socket.close()
    const { closed, events } = inMemory({ finishRequest })
    await closed
    expect(events).toEqual(FAILED)
  })

  it('by a signal has its reason as the cause, also where it was given before', async () => {
    const controller = new AbortController()
    const { request, closed, events, error } = inMemory({ signal: controller.signal })
    await request
    controller.abort('bored')
    await closed
    const late = inMemory({ signal: controller.signal })
    await late.closed
    for (const { code, cause } of [error(), late.error()] as { code?: string; cause?: unknown }[]) {
      expect([code, cause]).toEqual(['UPWIRE_CONNECT_ABORTED', 'bored'])
    }
    expect([events, late.events]).toEqual([FAILED, FAILED])
  })

  it('by a signal that comes when the connection is open is not given up any more', async () => {
    const controller = new AbortController()
    const { peer, request, socket } = inMemory({ signal: controller.signal })
    peer.write(switchingTo(await request))
    await once(socket, 'open')
    controller.abort()
    await turns()
    expect(socket.readyState).toBe(WebSocket.OPEN)
  })

  it.each([
    ['an invalid code', 1005, TypeError],
    ['an invalid code of another kind', 999, TypeError],
  ])('by close() with %s throws, and goes on', async (_what, code, ErrorClass) => {
    const { socket } = inMemory()
    expect(() => socket.close(code)).toThrow(ErrorClass)
    expect(socket.readyState).toBe(WebSocket.CONNECTING)
  })

  it('is closed for what is sent later', async () => {
    const { socket, closed } = inMemory()
    socket.terminate()
    await closed
    const callback = vi.fn()
    socket.send('four', callback)
    await turns()
    expect([callback.mock.calls[0][0].message, socket.bufferedAmount]).toEqual([
      'WebSocket is not open: readyState 3 (CLOSED)',
      4,
    ])
  })

  it("needs no 'error' listener", async () => {
    const [stream] = duplexPair()
    const socket = new WebSocket('ws://server.example', { createConnection: () => stream })
    socket.terminate()
    expect(await new Promise((resolve) => socket.on('close', (...close) => resolve(close)))).toEqual([
      1006,
      Buffer.alloc(0),
    ])
  })
})

describe('the deadline of a handshake', () => {
  const TIMEOUT = { code: 'UPWIRE_CONNECT_TIMEOUT', message: 'Opening handshake has timed out' }

  it.each([
    ['10 s', {}, 10_000],
    ['its handshakeTimeout', { handshakeTimeout: 300 }, 300],
  ])('is %s, whatever drips in', async (_what, options, time) => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const { peer, request, closed, events, error } = inMemory(options)
    await request
    vi.advanceTimersByTime(time - 1)
    peer.write('HTTP/1.1 101 Sw')
    await turns()
    expect(events).toEqual([])
    vi.advanceTimersByTime(1)
    await closed
    expect(events).toEqual(FAILED)
    expect(error()).toMatchObject(TIMEOUT)
    await turns()
    expect(peer.destroyed || peer.readableEnded).toBe(true)
  })

  it('can be turned off with 0, and is over when the connection is open', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    inMemory({ handshakeTimeout: 0 })
    expect(vi.getTimerCount()).toBe(0)
    const { peer, request, socket } = inMemory()
    expect(vi.getTimerCount()).toBe(1)
    peer.write(switchingTo(await request))
    await once(socket, 'open')
    expect(vi.getTimerCount()).toBe(0)
  })

  it('is one for all redirects', async () => {
    const loop = await redirecting('/again')
    const { closed, error } = client(`ws://127.0.0.1:${loop.port}`, {
      followRedirects: true,
      maxRedirects: 1_000_000,
      handshakeTimeout: 50,
    })
    await closed
    expect(error()).toMatchObject(TIMEOUT)
  })
})

describe('a redirect', () => {
  const CREDENTIALS = { Authorization: 'Basic YTpi', Cookie: 'id=1', 'X-A': '1' }
  const target = () => rawServer((socket, request) => socket.write(switching(request)))
  const sent = (headers: ReadonlyMap<string, string>) => {
    const values = new Map([...headers].map(([name, value]) => [name.toLowerCase(), value]))
    return ['authorization', 'cookie', 'x-a'].map((name) => values.get(name))
  }

  it('is followed, to the same server with everything that was said', async () => {
    const { port, requests } = await rawServer((socket, request) =>
      socket.end(
        request.requestLine.includes('/a')
          ? responseHead('307 Moved', { Location: '/b' })
          : switching(request),
      ),
    )
    const { socket } = client(`ws://127.0.0.1:${port}/a`, { followRedirects: true, headers: CREDENTIALS })
    const redirects: unknown[] = []
    socket.on('redirect', (url, request) => redirects.push([url, request.path]))
    await once(socket, 'open')
    expect(requests.map(({ requestLine }) => requestLine)).toEqual(['GET /a HTTP/1.1', 'GET /b HTTP/1.1'])
    expect(sent(requests[1].headers)).toEqual(['Basic YTpi', 'id=1', '1'])
    expect(requests[0].accept).not.toBe(requests[1].accept)
    expect([socket.url, redirects]).toEqual([
      `ws://127.0.0.1:${port}/b`,
      [[`ws://127.0.0.1:${port}/b`, '/b']],
    ])
  })

  it.each([
    ['another port', (port: number) => `ws://127.0.0.1:${port}/`],
    ['localhost, which is another name', (port: number) => `ws://localhost:${port}/`],
  ])('to %s leaves the credentials behind, also where somebody listens', async (_what, address) => {
    const { port, requests } = await target()
    const first = await redirecting(address(port))
    const { socket } = client(`ws://127.0.0.1:${first.port}/`, {
      followRedirects: true,
      headers: CREDENTIALS,
    })
    socket.on('redirect', () => {})
    await once(socket, 'open')
    expect(sent(first.requests[0].headers)).toEqual(['Basic YTpi', 'id=1', '1'])
    expect(sent(requests[0].headers)).toEqual([undefined, undefined, '1'])
    expect(requests[0].headers.get('Host')).toBe(new URL(address(port)).host)
  })

  it('to [::1] leaves the credentials behind', async () => {
    const { port, requests } = await rawServer((socket, request) => socket.write(switching(request)), '::1')
    const first = await redirecting(`ws://[::1]:${port}/`)
    const { socket } = client(`ws://127.0.0.1:${first.port}/`, { followRedirects: true, auth: 'user:pass' })
    await once(socket, 'open')
    expect(sent(first.requests[0].headers)).toEqual(['Basic dXNlcjpwYXNz', undefined, undefined])
    expect(sent(requests[0].headers)).toEqual([undefined, undefined, undefined])
    expect(requests[0].headers.get('Host')).toBe(`[::1]:${port}`)
  })

  it('leaves them to a listener that was asked for them, to remove and to add', async () => {
    const { port, requests } = await target()
    const first = await redirecting(`ws://127.0.0.1:${port}/`)
    const options = { followRedirects: true, headers: CREDENTIALS, redirectedCredentials: 'ask' } as const
    const { socket } = client(`ws://127.0.0.1:${first.port}/`, options)
    socket.on('redirect', (_url, request) => {
      request.removeHeader('Cookie')
      request.setHeader('x-a', '2')
    })
    await once(socket, 'open')
    expect(sent(requests[0].headers)).toEqual(['Basic YTpi', undefined, '2'])
  })

  it('does not leave them to nobody', async () => {
    const { port, requests } = await target()
    const first = await redirecting(`ws://127.0.0.1:${port}/`)
    const options = { followRedirects: true, headers: CREDENTIALS, redirectedCredentials: 'ask' } as const
    await once(client(`ws://127.0.0.1:${first.port}/`, options).socket, 'open')
    expect(sent(requests[0].headers)).toEqual([undefined, undefined, '1'])
  })

  it('out of TLS leaves the credentials behind', async () => {
    const { port, requests } = await target()
    const secure = createSecureServer(TLS, (_request, response) => {
      response.writeHead(302, { Location: `ws://localhost:${port}/` }).end()
    })
    const address = (await listen(secure)).address() as AddressInfo
    const options = { followRedirects: true, headers: CREDENTIALS, ca: TLS.cert }
    await once(client(`wss://localhost:${address.port}/`, options).socket, 'open')
    expect(sent(requests[0].headers)).toEqual([undefined, undefined, '1'])
  })

  it('to a unix socket leaves the credentials behind', async () => {
    const path = unixPath()
    const { requests } = await rawServer((socket, request) => socket.write(switching(request)), path)
    const first = await redirecting(`ws+unix:${path}:/b`)
    const { socket } = client(`ws://127.0.0.1:${first.port}/`, {
      followRedirects: true,
      headers: CREDENTIALS,
    })
    await once(socket, 'open')
    expect([requests[0].requestLine, ...sent(requests[0].headers)]).toEqual([
      'GET /b HTTP/1.1',
      undefined,
      undefined,
      '1',
    ])
  })

  it.each([0, 2])('is followed %i times where maxRedirects says so', async (maxRedirects) => {
    const { port, requests } = await redirecting('/again')
    const { closed, events, error } = client(`ws://127.0.0.1:${port}`, {
      followRedirects: true,
      maxRedirects,
    })
    await closed
    expect([events, requests.length]).toEqual([FAILED, maxRedirects + 1])
    expect(error()).toMatchObject({
      code: 'UPWIRE_TOO_MANY_REDIRECTS',
      message: 'Maximum redirects exceeded',
    })
  })

  it.each([
    ['no URL', 'ws://', 'Invalid URL: ws://'],
    ['a fragment', '/a#b', 'The URL contains a fragment identifier'],
    ['another scheme', 'file:///a', `The URL's protocol must be one of`],
  ])('to %s fails the handshake', async (_what, location, message) => {
    const { port } = await redirecting(location)
    const { closed, events, error } = client(`ws://127.0.0.1:${port}`, { followRedirects: true })
    await closed
    expect([events, error()?.message.slice(0, message.length)]).toEqual([FAILED, message])
  })

  it('that a listener destroys fails with its error', async () => {
    const { port } = await redirecting('/b')
    const { socket, closed, events, error } = client(`ws://127.0.0.1:${port}`, { followRedirects: true })
    socket.on('redirect', (_url, request) => request.destroy(new Error('not there')))
    await closed
    expect([events, error()?.message]).toEqual([FAILED, 'not there'])
  })
})

describe('user code that throws', () => {
  const FAULT = new Error('of the user')

  it.each(['upgrade', 'open', 'message'] as const)(
    "in an '%s' listener ends the connection, and goes to onError once",
    async (event) => {
      const onError = vi.fn()
      const { peer, request, socket, closed } = inMemory({ onError })
      socket.on(event, () => {
        throw FAULT
      })
      peer.write(Buffer.concat([Buffer.from(switchingTo(await request)), Buffer.from('810161', 'hex')]))
      await turns(6)
      peer.end()
      await closed
      expect(onError.mock.calls).toEqual([[FAULT, socket]])
    },
  )

  it.each(['rejects', 'throws'])(
    'that %s is an uncaught exception where there is no onError',
    async (how) => {
      const { socket, closed } = inMemory()
      socket.once('close', how === 'rejects' ? () => Promise.reject(FAULT) : () => raise(FAULT))
      const uncaught = new Promise((resolve) => {
        const listeners = process.listeners('uncaughtException')
        process.removeAllListeners('uncaughtException')
        process.once('uncaughtException', (error) => {
          for (const listener of listeners) process.on('uncaughtException', listener)
          resolve(error)
        })
      })
      socket.terminate()
      await closed
      expect(await uncaught).toBe(FAULT)
    },
  )

  it("in an 'error' listener does not keep 'close' from coming", async () => {
    const onError = vi.fn()
    const { socket, closed, events } = inMemory({ onError })
    socket.on('error', () => raise(FAULT))
    socket.terminate()
    await closed
    expect([events, onError.mock.calls]).toEqual([FAILED, [[FAULT, socket]]])
  })
})

function raise(error: Error): never {
  throw error
}
