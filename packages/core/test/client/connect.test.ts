import { once } from 'node:events'
import { createServer } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { expectNoHandles, openHandles, readFrames, watchEachTest } from '@upwire/testkit'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { WebSocketServer as WsServer } from 'ws'
import { connect } from '../../src/client/connect.ts'
import type { Handler } from '../../src/routing/handler.ts'
import { UpgradeRouter } from '../../src/server/upgrade-router.ts'
import { WebSocket } from '../../src/websocket/websocket.ts'
import { listen, TLS } from '../server/servers.ts'
import { rawServer, switching } from './servers.ts'

watchEachTest()

let before: ReturnType<typeof openHandles>
beforeEach(() => {
  before = openHandles()
})

const echo: Handler = { message: (socket, data, binary) => void socket.send(data, { binary }) }

/** An address of our own server, over TCP or TLS. */
async function upwire(handler: Handler, isSecure = false): Promise<string> {
  const server = await listen(isSecure ? createSecureServer(TLS) : createServer())
  const router = new UpgradeRouter()
  router.ws('/', { subprotocols: ['chat.v1'] }, handler)
  router.attach(server)
  const { port } = server.address() as AddressInfo
  return `${isSecure ? 'wss' : 'ws'}://localhost:${port}/`
}

/** An address of the server of the package ws, which echoes. */
async function ws(isSecure = false): Promise<string> {
  const server = await listen(isSecure ? createSecureServer(TLS) : createServer())
  const peer = new WsServer({ server, perMessageDeflate: true })
  peer.on('connection', (socket) => {
    socket.on('message', (data, binary) => socket.send(data, { binary }))
  })
  onTestFinished(() => {
    for (const client of peer.clients) client.terminate()
    peer.close()
  })
  const { port } = server.address() as AddressInfo
  return `${isSecure ? 'wss' : 'ws'}://localhost:${port}/`
}

describe.each([
  ['our own server', (isSecure: boolean) => upwire(echo, isSecure)],
  ['the server of the package ws', ws],
])('connect() to %s', (_peer, serve) => {
  it.each([
    ['TCP', false],
    ['TLS', true],
  ])('exchanges messages over %s, and closes', async (_over, isSecure) => {
    const socket = await connect(await serve(isSecure), { ca: TLS.cert, subprotocols: 'chat.v1' })
    expect([socket.readyState, socket.protocol, socket.extensions]).toEqual([1, 'chat.v1', ''])
    const messages: unknown[] = []
    socket.send('text ☃')
    socket.send(Buffer.of(0, 1, 255))
    socket.send('x'.repeat(70_000))
    for await (const message of socket) {
      messages.push(message)
      if (messages.length === 3) socket.close(4000, 'done')
    }
    expect(messages).toEqual(['text ☃', Buffer.of(0, 1, 255), 'x'.repeat(70_000)])
  })

  it('is told how the connection closed', async () => {
    const socket = await connect(await serve(false))
    const closed = once(socket, 'close')
    socket.close(4000, 'done')
    expect(await closed).toEqual([4000, Buffer.from('done')])
    expect(socket.readyState).toBe(WebSocket.CLOSED)
  })
})

describe('connect()', () => {
  it('resolves with the open socket, of the class that servers have', async () => {
    const accepted: unknown[] = []
    const address = await upwire((socket) => void accepted.push(socket))
    const socket = await connect(address)
    for (const end of [socket, ...accepted]) expect(end).toBeInstanceOf(WebSocket)
    expect(accepted).toHaveLength(1)
    expect([socket.url, socket.protocol, socket.params]).toEqual([address, '', {}])
    expect([socket.listenerCount('open'), socket.listenerCount('error')]).toEqual([0, 0])
    socket.terminate()
  })

  it('has held what came in one segment with the 101, and can answer before the Close frame', async () => {
    const received: Buffer[] = []
    const { port } = await rawServer((socket, request) => {
      const frames = Buffer.from('810161' + '810162' + '880203e8', 'hex')
      socket.write(Buffer.concat([Buffer.from(switching(request)), frames]))
      socket.on('data', (chunk) => received.push(chunk))
      socket.on('data', () => setImmediate(() => socket.end()))
    })
    const openSoon = async () => await connect(`ws://127.0.0.1:${port}`)
    const socket = await openSoon()
    const messages: unknown[] = []
    const closed = once(socket, 'close')
    for await (const message of socket) {
      messages.push(message)
      if (message === 'a') socket.send(message)
    }
    expect([messages, (await closed)[0]]).toEqual([['a', 'b'], 1000])
    const { frames } = readFrames(Buffer.concat(received))
    expect(frames.map(({ opcode }) => opcode)).toEqual([0x1, 0x8])
  })

  it.each([
    ['an address that is none', 'nowhere', {}, SyntaxError],
    ['a subprotocol that is none', 'ws://localhost', { subprotocols: 'a b' }, SyntaxError],
    ['an option that cannot be', 'ws://localhost', { handshakeTimeout: -1 }, TypeError],
    ['a limit that cannot be', 'ws://localhost', { maxPayload: -1 }, TypeError],
  ])('rejects for %s', async (_what, address, options, ErrorClass) => {
    await expect(connect(address, options)).rejects.toBeInstanceOf(ErrorClass)
  })

  it("rejects with the network's own error", async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    server.close()
    await once(server, 'close')
    await expect(connect(`ws://127.0.0.1:${port}`)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    await expectNoHandles(before)
  })

  it('rejects with the status of a refusal', async () => {
    const address = await upwire(echo)
    await expect(connect(`${address}elsewhere`)).rejects.toMatchObject({
      name: 'ConnectError',
      code: 'UPWIRE_UNEXPECTED_RESPONSE',
      status: 404,
      message: 'Unexpected server response: 404',
    })
  })
})

describe('a message of 4 MiB that is read while it arrives, at both ends', () => {
  it.each([false, true])('comes back as it was, compressed: %s', async (perMessageDeflate) => {
    const server = await listen(createServer())
    const router = new UpgradeRouter({ maxPayload: Number.POSITIVE_INFINITY, perMessageDeflate })
    router.ws('/hook', { stream: (socket, message) => socket.sendStream(message) })
    router.ws('/loop', { messages: 'streamed' }, async (socket) => {
      for await (const message of socket.streams()) await socket.sendStream(message)
    })
    router.attach(server)
    const { port } = server.address() as AddressInfo
    for (const path of ['hook', 'loop']) {
      const options = { maxPayload: 0, perMessageDeflate, messages: 'streamed' } as const
      const socket = await connect(`ws://localhost:${port}/${path}`, options)
      const part = 'a€👍'.repeat(10_000)
      const parts = Array.from({ length: 52 }, () => part)
      const [{ value: echo }] = await Promise.all([socket.streams().next(), socket.sendStream(parts)])
      const text = await echo?.text({ maxBytes: Number.POSITIVE_INFINITY })
      expect([text === parts.join(''), socket.extensions !== '']).toEqual([true, perMessageDeflate])
      socket.close()
      await once(socket, 'close')
    }
  })
})
