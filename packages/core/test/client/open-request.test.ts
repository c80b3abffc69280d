import { once } from 'node:events'
import { Agent, createServer, get, type IncomingMessage } from 'node:http'
import { createServer as createSecureServer, Agent as SecureAgent } from 'node:https'
import { type AddressInfo, Socket, connect as tcpConnect } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { expectNoHandles, openHandles } from '@upwire/testkit'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { connect } from '../../src/client/connect.ts'
import { formatAcceptance } from '../../src/handshake/opening-response.ts'
import type { ClientOptions } from '../../src/websocket/client-options.ts'
import type { WebSocket } from '../../src/websocket/websocket.ts'
import { listen, TLS } from '../server/servers.ts'
import { rawServer, switching, unixPath } from './servers.ts'

const opening = (where?: string) => rawServer((socket, request) => socket.write(switching(request)), where)

/** A page, over the global agent. */
async function fetchOnce(port: number): Promise<IncomingMessage> {
  const [response] = (await once(get({ port, host: '127.0.0.1' }), 'response')) as [IncomingMessage]
  response.resume()
  await once(response, 'close')
  return response
}

async function connected(address: string, options?: ClientOptions): Promise<WebSocket> {
  const socket = await connect(address, options)
  socket.terminate()
  return socket
}

/** A server behind TLS, the names it was asked for, and what came to it of HTTP. */
async function secureServer() {
  const names: unknown[] = []
  const hosts: unknown[] = []
  const server = createSecureServer(TLS)
  server.on('upgrade', (request, stream: TLSSocket) => {
    names.push(stream.servername)
    hosts.push(request.headers.host)
    stream.write(formatAcceptance({ key: request.headers['sec-websocket-key'] ?? '' }))
  })
  const { port } = (await listen(server)).address() as AddressInfo
  return { port, names, hosts }
}

describe('over TLS, a client', () => {
  it('trusts the certificate that it is told to, and asks for it by name', async () => {
    const { port, names, hosts } = await secureServer()
    await connected(`wss://localhost:${port}`, { ca: TLS.cert })
    await connected(`https://127.0.0.1:${port}`, { ca: TLS.cert })
    await connected(`wss://127.0.0.1:${port}`, { ca: TLS.cert, servername: 'localhost' })
    await connected(`wss://localhost:${port}`, { ca: TLS.cert, servername: '' })
    expect(names).toEqual(['localhost', false, 'localhost', false])
    expect(hosts).toEqual([
      `localhost:${port}`,
      `127.0.0.1:${port}`,
      `127.0.0.1:${port}`,
      `localhost:${port}`,
    ])
  })

  it.each<[string, ClientOptions]>([
    ['with no options', {}],
    ...[null, undefined, 0, '', true].map((value): [string, ClientOptions] => [
      `with rejectUnauthorized: ${JSON.stringify(value)}`,
      { rejectUnauthorized: value as boolean },
    ]),
    ['with dangerouslyIgnoreCertificate: false', { dangerouslyIgnoreCertificate: false }],
    ['with an agent', { agent: new SecureAgent() }],
  ])('refuses a certificate that nobody vouches for (CVE-2016-10536): %s', async (_what, options) => {
    const { port, hosts } = await secureServer()
    await expect(connect(`wss://localhost:${port}`, options)).rejects.toMatchObject({
      code: 'DEPTH_ZERO_SELF_SIGNED_CERT',
    })
    expect(hosts).toEqual([])
  })

  it.each<[string, ClientOptions]>([
    ['by the address', {}],
    ['by servername', { servername: 'other.example' }],
  ])('refuses a certificate of another host (CVE-2016-10536): %s', async (_what, options) => {
    const { port, hosts } = await secureServer()
    const lookup: ClientOptions['lookup'] = (_name, { all }, found) =>
      all ? found(null, [{ address: '127.0.0.1', family: 4 }]) : found(null, '127.0.0.1', 4)
    const address = options.servername ? 'localhost' : 'other.example'
    await expect(
      connect(`wss://${address}:${port}`, { ca: TLS.cert, lookup, ...options }),
    ).rejects.toMatchObject({ code: 'ERR_TLS_CERT_ALTNAME_INVALID' })
    expect(hosts).toEqual([])
  })

  it('checks the host of the address, and not that of a Host header', async () => {
    const { port, hosts } = await secureServer()
    await connected(`wss://localhost:${port}`, { ca: TLS.cert, headers: { Host: 'other.example' } })
    expect(hosts).toEqual(['other.example'])
  })

  it.each<[string, ClientOptions]>([
    ['dangerouslyIgnoreCertificate', { dangerouslyIgnoreCertificate: true }],
    ["Node's own rejectUnauthorized", { rejectUnauthorized: false }],
  ])('connects to anybody with %s', async (_what, options) => {
    const { port, hosts } = await secureServer()
    await connected(`wss://localhost:${port}`, options)
    expect(hosts).toHaveLength(1)
  })
})

describe('a client', () => {
  it('connects to a unix socket', async () => {
    const path = unixPath()
    const { requests } = await opening(path)
    const socket = await connected(`ws+unix:${path}:/chat?a=b:c`)
    expect(requests[0].requestLine).toBe('GET /chat?a=b:c HTTP/1.1')
    expect([requests[0].headers.get('Host'), socket.url]).toEqual([
      'localhost',
      `ws+unix:${path}:/chat?a=b:c`,
    ])
  })

  it('goes by its address, whatever its options say', async () => {
    const { port, requests } = await opening()
    const options = {
      host: 'other.example',
      hostname: 'other.example',
      port: 1,
      path: '/other',
      method: 'POST',
      protocol: 'https:',
      socketPath: '/nowhere',
      timeout: 1,
    }
    await connected(`ws://127.0.0.1:${port}/chat`, options as ClientOptions)
    expect([requests[0].requestLine, requests[0].headers.get('Host')]).toEqual([
      'GET /chat HTTP/1.1',
      `127.0.0.1:${port}`,
    ])
  })

  it.each([
    ['ws://server.example:80/', 'server.example'],
    ['ws://server.example:443/', 'server.example:443'],
    ['wss://server.example:443/', 'server.example'],
    ['wss://server.example:80/', 'server.example:80'],
    ['ws://[::1]/', '[::1]'],
  ])('leaves the default port out of Host: %s', async (address, host) => {
    const { port, requests } = await opening()
    await connected(address, { createConnection: () => tcpConnect(port, '127.0.0.1') })
    expect(requests[0].headers.get('Host')).toBe(host)
  })

  it('connects through an agent, and leaves it no socket', async () => {
    const { port } = await opening()
    const agent = new Agent({ keepAlive: true, timeout: 10 })
    const createConnection = vi.spyOn(agent, 'createConnection')
    await connected(`ws://127.0.0.1:${port}`, { agent })
    expect(createConnection).toHaveBeenCalledTimes(1)
    expect([Object.keys(agent.sockets), Object.keys(agent.freeSockets)]).toEqual([[], []])
  })

  it('has no timeout and no delay on its connection, whatever an agent has on its requests', async () => {
    const { port } = await opening()
    const agent = new Agent({ timeout: 10_000, noDelay: false })
    const createConnection = vi.spyOn(agent, 'createConnection')
    const setNoDelay = vi.spyOn(Socket.prototype, 'setNoDelay')
    onTestFinished(() => setNoDelay.mockRestore())
    await connected(`ws://127.0.0.1:${port}`, { agent })
    const stream = createConnection.mock.results[0].value as Socket
    expect(stream.timeout).toBe(0)
    expect(setNoDelay.mock.contexts).toContain(stream)
  })

  it('takes no idle socket of the global agent, which the server may be about to close', async () => {
    const server = await listen(createServer((_request, response) => response.end()))
    const connections = vi.fn()
    server.on('connection', connections)
    server.on('upgrade', (request, stream) =>
      stream.write(formatAcceptance({ key: request.headers['sec-websocket-key'] ?? '' })),
    )
    const { port } = server.address() as AddressInfo
    const response = await fetchOnce(port)
    expect(response.headers.connection).toBe('keep-alive')
    await connected(`ws://127.0.0.1:${port}`)
    expect(connections).toHaveBeenCalledTimes(2)
  })

  it('refuses an agent of the wrong kind before it connects', async () => {
    await expect(connect('wss://localhost', { agent: new Agent() })).rejects.toMatchObject({
      code: 'ERR_INVALID_PROTOCOL',
    })
  })

  it('looks names up, and connects from where it is told to', async () => {
    const { port, server } = await opening()
    const lookup = vi.fn<NonNullable<ClientOptions['lookup']>>((_name, { all }, found) =>
      all ? found(null, [{ address: '127.0.0.1', family: 4 }]) : found(null, '127.0.0.1', 4),
    )
    const connection = once(server, 'connection')
    await connected(`ws://server.example:${port}`, { lookup, localAddress: '127.0.0.2' })
    const [{ remoteAddress }] = await connection
    expect([lookup.mock.calls[0][0], remoteAddress]).toEqual(['server.example', '127.0.0.2'])
  })

  it('leaves it to finishRequest to send the request', async () => {
    const { port, requests } = await opening()
    const states: number[] = []
    await connected(`ws://127.0.0.1:${port}`, {
      finishRequest(request, socket) {
        states.push(socket.readyState)
        request.setHeader('X-Signature', 'signed')
        setImmediate(() => request.end())
      },
    })
    expect([states, requests[0].headers.get('X-Signature')]).toEqual([[0], 'signed'])
  })

  for (const character of ['\r', '\n', '\0']) {
    const bad = `a${character}b`
    it.each<[string, string, ClientOptions]>([
      ['its address', `/${bad}`, {}],
      ['a subprotocol', '', { subprotocols: bad }],
      ["a header's value", '', { headers: { 'X-A': bad } }],
      ["a header's name", '', { headers: { [bad]: '1' } }],
      ['one of several values', '', { headers: { 'X-A': ['1', bad] } }],
      ['Host', '', { headers: { host: bad } }],
      ['origin', '', { origin: bad }],
      ['auth', '', { auth: bad }],
      ['servername', '', { servername: bad }],
      ['localAddress', '', { localAddress: bad }],
    ])(
      `refuses ${JSON.stringify(character)} in %s before a byte is written (CVE-2026-1527)`,
      async (_what, path, options) => {
        const before = openHandles()
        const createConnection = vi.fn(() => tcpConnect(1))
        await expect(connect(`ws://127.0.0.1${path}`, { createConnection, ...options })).rejects.toThrow()
        expect(createConnection).not.toHaveBeenCalled()
        await expectNoHandles(before)
      },
    )
  }
})
