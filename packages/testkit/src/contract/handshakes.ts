import { readFileSync } from 'node:fs'
import { deflateRawSync, inflateRawSync } from 'node:zlib'
import { expect } from 'vitest'
import { text } from '../frames.ts'
import { handshakeBytes, rawConnect, SAMPLE_ACCEPT, type UpgradeOptions } from '../raw-client.ts'
import type { ContractFunction, Step } from './application.ts'
import { type ContractCase, contractCase } from './contract-case.ts'
import { expectStatus, expectText } from './expectations.ts'

const fixture = (name: string): Buffer => readFileSync(new URL(`../../fixtures/${name}`, import.meta.url))

/** What a compressed message ends with, and leaves out on the wire (RFC 7692 §7.2.1). */
const DEFLATE_TAIL = Buffer.from('0000ffff', 'hex')

const welcome: ContractFunction = (socket) => socket.send('welcome')
const tellParams: ContractFunction = (socket, { url }) => socket.send(JSON.stringify([socket.params, url]))
const tellData: ContractFunction = (socket) => socket.send(JSON.stringify(socket.data))

/** A step that sets headers, each pair in turn. */
function setting(...headers: readonly (readonly [name: string, value: string])[]): Step {
  return (_request, setHeader) => {
    for (const header of headers) setHeader(...header)
    return
  }
}

/** Headers that are about the connection, a body or the handshake itself, and not the application's to say (RFC 9110 §7.6.1). */
const NOT_ON_101 = {
  'Connection: keep-alive': ['connection', ['Upgrade']],
  'Keep-Alive: timeout=5': ['keep-alive', undefined],
  'Content-Length: 5': ['content-length', undefined],
  'Upgrade: h2c': ['upgrade', ['websocket']],
  'Sec-WebSocket-Accept: forged': ['sec-websocket-accept', [SAMPLE_ACCEPT]],
  'Sec-WebSocket-Protocol: forged': ['sec-websocket-protocol', undefined],
  'Sec-WebSocket-Extensions: forged': ['sec-websocket-extensions', undefined],
} as const

/** Spellings of a good handshake. */
const SPELLINGS: readonly [what: string, handshake: UpgradeOptions][] = [
  ['with Connection: keep-alive, upgrade', { headers: { Connection: 'keep-alive, upgrade' } }],
  ['with Upgrade: WebSocket', { headers: { Upgrade: 'WebSocket' } }],
  ['with an unknown extension', { headers: { 'Sec-WebSocket-Extensions': 'x-unknown; a=1' } }],
  ['with __proto__ as extension', { headers: { 'Sec-WebSocket-Extensions': '__proto__; constructor=1' } }],
  ['with a target in absolute form', { target: 'http://chat.example/chat' }],
  ['with a body that is announced as empty', { headers: { 'Content-Length': '0' } }],
]

/** What a subprotocol rule makes of an offer. */
const SUBPROTOCOLS = [
  { rule: ['v2', 'v1'], offered: 'v1, v2', chosen: ['v2'] },
  { rule: ['v2', 'v1'], offered: 'v3, v1', chosen: ['v1'] },
  { rule: ['v2'], offered: 'v3', chosen: undefined },
  { rule: undefined, offered: 'v1', chosen: undefined },
  { rule: (offered: readonly string[]) => offered.at(-1), offered: 'v1, v3', chosen: ['v3'] },
] as const

/** Who is let in is told so with what the application has set, and the handler knows all about the request. */
export const handshakes: readonly ContractCase[] = [
  contractCase('a handshake is answered as RFC 6455 §4.2.2 says, and the handler runs', async (run) => {
    const client = await run.connect(await run.serve(welcome))
    expect(client.head).toMatch(/^HTTP\/1\.1 101 Switching Protocols\r\n/)
    expect(client.headers.get('upgrade')).toEqual(['websocket'])
    expect(client.headers.get('connection')).toEqual(['Upgrade'])
    expect(client.headers.get('sec-websocket-accept')).toEqual([SAMPLE_ACCEPT])
    expect(client.headers.has('sec-websocket-protocol')).toBe(false)
    expect(client.headers.has('sec-websocket-extensions')).toBe(false)
    expect(client.headers.has('content-length')).toBe(false)
    expect(client.headers.has('transfer-encoding')).toBe(false)
    await expectText(client, 'welcome')
  }),

  ...SPELLINGS.map(([what, handshake]) =>
    contractCase(`a handshake ${what} is a good one`, async (run) => {
      const client = await run.connect(await run.serve(welcome), handshake)
      expect([client.status, client.headers.has('sec-websocket-extensions')]).toEqual([101, false])
      await expectText(client, 'welcome')
    }),
  ),

  contractCase('a handshake that comes byte by byte is a good one', async (run) => {
    const application = await run.serve(welcome)
    const { transport, request } = await rawConnect(application.server)
    const bytes = handshakeBytes(application.server, { path: '/chat' })
    for (const byte of bytes.subarray(0, -1)) {
      await new Promise((written) => transport.write(Buffer.of(byte), written))
    }
    const client = await request(bytes.subarray(-1))
    run.keep(client)
    expect(client.status).toBe(101)
    await expectText(client, 'welcome')
  }),

  contractCase('headers that steps have set are on it, each cookie on a line', async (run) => {
    const application = await run.start({
      before: [setting(['Set-Cookie', 'a=1; Path=/'], ['X-Request-Id', '7'])],
      routes: [{ path: '/chat', handler: welcome, before: [setting(['Set-Cookie', 'b=2; HttpOnly'])] }],
    })
    const client = await run.connect(application)
    expect(client.status).toBe(101)
    expect(client.headers.get('set-cookie')).toEqual(['a=1; Path=/', 'b=2; HttpOnly'])
    expect(client.headers.get('x-request-id')).toEqual(['7'])
    await expectText(client, 'welcome')
  }),

  contractCase(
    'headers that the upgrade hook has set are on it, behind those of the steps',
    async (run) => {
      const application = await run.serve(
        {
          upgrade(_request, headers) {
            headers.append('Set-Cookie', 'b=2')
            headers.append('Set-Cookie', 'c=3')
          },
          open: (socket) => socket.send('welcome'),
        },
        { before: [setting(['Set-Cookie', 'a=1'])] },
      )
      const client = await run.connect(application)
      expect(client.headers.get('set-cookie')).toEqual(['a=1', 'b=2', 'c=3'])
      await expectText(client, 'welcome')
    },
    { needs: ['hooks'] },
  ),

  ...Object.entries(NOT_ON_101).map(([header, [name, expected]]) =>
    contractCase(`${header} is not the application's to say`, async (run) => {
      const [given, value] = header.split(': ')
      const application = await run.serve(welcome, { before: [setting([given, value], ['X-Other', '1'])] })
      const client = await run.connect(application)
      expect(client.status).toBe(101)
      expect(client.headers.get(name)).toEqual(expected)
      expect(client.headers.get('x-other')).toEqual(['1'])
      await expectText(client, 'welcome')
    }),
  ),

  contractCase(
    'each path has its handler; parameters are decoded, and the url is as it came',
    async (run) => {
      const application = await run.start({
        routes: [
          { path: '/rooms/:room', handler: tellParams },
          { path: '/rooms/:room/seats/:seat', handler: tellParams },
          { path: '/rooms', handler: welcome },
        ],
      })
      const path = '/rooms/caf%C3%A9%2F1?x=%20y'
      await expectText(await run.connect(application, { path }), JSON.stringify([{ room: 'café/1' }, path]))
      await expectText(
        await run.connect(application, { path: '/rooms/a/seats/b' }),
        JSON.stringify([{ room: 'a', seat: 'b' }, '/rooms/a/seats/b']),
      )
      await expectText(await run.connect(application, { path: '/rooms?room=1' }), 'welcome')
    },
  ),

  contractCase('the handler is given the request, its headers among it', async (run) => {
    const application = await run.serve((socket, { method, headers }) => {
      socket.send(JSON.stringify([method, headers.cookie, headers['user-agent']]))
    })
    const client = await run.connect(application, { headers: { Cookie: 'a=1; b=2', 'User-Agent': 'x/1' } })
    await expectText(client, JSON.stringify(['GET', 'a=1; b=2', 'x/1']))
  }),

  contractCase(
    'what the upgrade hook returns is the data of the socket, of each its own',
    async (run) => {
      const application = await run.serve({
        upgrade: async ({ headers }) => ({ user: headers.cookie }),
        open: (socket) => socket.send(JSON.stringify(socket.data)),
      })
      const first = await run.connect(application, { headers: { Cookie: 'Ada' } })
      const second = await run.connect(application, { headers: { Cookie: 'Bob' } })
      await expectText(first, '{"user":"Ada"}')
      await expectText(second, '{"user":"Bob"}')
    },
    { needs: ['hooks'] },
  ),

  contractCase(
    'what the data option makes is the data of the socket, also later',
    async (run) => {
      const data = ({ url }: { url?: string }) => (url === '/chat' ? ['now'] : Promise.resolve(['later']))
      const application = await run.serve(tellData, { options: { data } })
      await expectText(await run.connect(application), '["now"]')
      await expectText(await run.connect(application, { path: '/chat?later' }), '["later"]')
    },
    { needs: ['data option'] },
  ),

  ...SUBPROTOCOLS.map(({ rule, offered, chosen }) =>
    contractCase(`of the subprotocols ${offered} it chooses ${chosen ?? 'none'} by ${rule}`, async (run) => {
      const application = await run.serve((socket) => socket.send(`chose ${socket.protocol}`), {
        options: { subprotocols: rule },
      })
      const client = await run.connect(application, { headers: { 'Sec-WebSocket-Protocol': offered } })
      expect(client.headers.get('sec-websocket-protocol')).toEqual(chosen)
      await expectText(client, `chose ${chosen ?? ''}`)
    }),
  ),

  contractCase('compression is agreed on where a route says so, and works both ways', async (run) => {
    const offer = { 'Sec-WebSocket-Extensions': 'permessage-deflate' }
    const echo: ContractFunction = (socket) =>
      socket.on('message', (data) => socket.send(data as Buffer, { binary: false }))
    const application = await run.start({
      routes: [
        { path: '/chat', handler: echo, options: { perMessageDeflate: true } },
        { path: '/plain', handler: echo },
      ],
    })
    const client = await run.connect(application, { headers: offer })
    expect(client.headers.get('sec-websocket-extensions')).toEqual([
      expect.stringMatching(/^permessage-deflate(?:;|$)/),
    ])
    const message = 'a message that repeats itself '.repeat(200)
    const deflated = deflateRawSync(message, { finishFlush: 2 })
    expect(deflated.subarray(-4)).toEqual(DEFLATE_TAIL)
    client.write(text(deflated.subarray(0, -4), { rsv: 0b100 }))
    const { rsv, payload } = await client.nextFrame()
    expect(rsv).toBe(0b100)
    expect(payload.length).toBeLessThan(message.length / 10)
    const inflated = inflateRawSync(Buffer.concat([payload, DEFLATE_TAIL]), { finishFlush: 2 })
    expect(inflated.toString()).toBe(message)

    const plain = await run.connect(application, { path: '/plain', headers: offer, after: text(message) })
    expect(plain.headers.has('sec-websocket-extensions')).toBe(false)
    await expectText(plain, message)
  }),

  contractCase('pages of its own origin, and of those the route names, may connect', async (run) => {
    const application = await run.start({
      routes: [
        { path: '/chat', handler: welcome },
        {
          path: '/named',
          handler: welcome,
          options: { origin: ['https://app.example', /^https:\/\/b\.\w+$/] },
        },
      ],
    })
    const origin = (Origin: string): UpgradeOptions => ({ headers: { Host: 'chat.example', Origin } })
    await expectText(await run.connect(application, origin('http://chat.example')), 'welcome')
    for (const page of ['https://app.example', 'https://b.example']) {
      await expectText(await run.connect(application, { path: '/named', ...origin(page) }), 'welcome')
    }
    await expectStatus(await run.connect(application, { path: '/named', ...origin('http://c.example') }), 403)
  }),

  contractCase('it works over TLS', async (run) => {
    const [cert, key] = [fixture('localhost.crt'), fixture('localhost.key')]
    const application = await run.start({ routes: [{ path: '/chat', handler: welcome }], tls: { cert, key } })
    await expectText(
      await run.connect(application, { tls: { ca: cert, servername: 'localhost' } }),
      'welcome',
    )
  }),
]
