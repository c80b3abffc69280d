import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { constants, deflateRawSync, inflateRawSync } from 'node:zlib'
import { frame, rawUpgrade } from '@upwire/testkit'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { WebSocket as WsClient } from 'ws'
import { connect } from '../../src/client/connect.ts'
import { readExtensionOffers } from '../../src/handshake/extension-offer.ts'
import { contextsLast } from '../../src/permessage-deflate/open-context.ts'
import {
  type PerMessageDeflateOptions,
  resolvePerMessageDeflate,
} from '../../src/permessage-deflate/options.ts'
import type { HandlerHooks } from '../../src/routing/handler.ts'
import { agreeOnExtensions } from '../../src/server/agree-on-extensions.ts'
import { UpgradeRouter } from '../../src/server/upgrade-router.ts'

vi.mock('../../src/permessage-deflate/open-context.ts', { spy: true })

const JSON_TEXT = JSON.stringify(Array.from({ length: 40 }, (_, id) => ({ id, name: `Name ${id}` })))
const RSV1 = 4

const servers: Server[] = []

afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

/** A server that sends back each message, compressed as `perMessageDeflate` says. */
async function echoing(perMessageDeflate: boolean | PerMessageDeflateOptions, hooks: HandlerHooks = {}) {
  const router = new UpgradeRouter()
  const server = createServer().listen(0, '127.0.0.1')
  servers.push(server)
  router.ws(
    '/',
    { perMessageDeflate, maxPayload: 1024 * 1024 },
    {
      message: (socket, data) => void socket.send(data),
      ...hooks,
    },
  )
  router.attach(server)
  await once(server, 'listening')
  return { router, server, url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

async function opened(
  url: string,
  perMessageDeflate: object | boolean = { threshold: 0 },
): Promise<WsClient> {
  const client = new WsClient(url, { perMessageDeflate })
  await once(client, 'open')
  return client
}

async function echoOf(client: WsClient, message: string | Buffer): Promise<string | Buffer> {
  client.send(message)
  const [data, isBinary] = await once(client, 'message')
  return isBinary ? data : String(data)
}

/** A message as a client compresses it (RFC 7692 §7.2.1). */
function deflated(message: string): Buffer {
  return deflateRawSync(message, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4)
}

const OFFER = { 'Sec-WebSocket-Extensions': 'permessage-deflate; client_max_window_bits' }

describe('agreeing on extensions', () => {
  const offers = readExtensionOffers('x-unknown, permessage-deflate') ?? []

  it('accepts permessage-deflate where the route has it on', () => {
    const { extensions, compression } = agreeOnExtensions(offers, resolvePerMessageDeflate(true))
    expect(extensions).toMatch(/^permessage-deflate; server_no_context_takeover; client_no_context_takeover/)
    expect(compression).toBeDefined()
  })

  it('declines everything where it has not', () => {
    expect(agreeOnExtensions(offers, resolvePerMessageDeflate(false))).toEqual({})
    expect(agreeOnExtensions([], resolvePerMessageDeflate(true))).toEqual({})
  })
})

describe('a connection with permessage-deflate', () => {
  const modes: [name: string, options: boolean | PerMessageDeflateOptions][] = [
    ['shared', true],
    ['shared, whatever the length', { threshold: 0 }],
    ['per connection', { memory: 'per-connection' }],
    ['with small windows', { memory: 'per-connection', serverMaxWindowBits: 9, clientMaxWindowBits: 9 }],
  ]

  it.each(modes)('echoes what the client of ws sends, %s', async (_, options) => {
    const { url } = await echoing(options)
    const client = await opened(url)
    expect(client.extensions).toMatch(/^permessage-deflate/)
    for (const message of [
      '',
      'a',
      'é€😀',
      JSON_TEXT,
      JSON_TEXT,
      Buffer.alloc(0),
      Buffer.alloc(300_000, 7),
    ]) {
      expect(await echoOf(client, message)).toEqual(message)
    }
    client.terminate()
  })

  it('takes fragments with control frames between them, and answers compressed', async () => {
    const { server } = await echoing({ threshold: 0 })
    const client = await rawUpgrade(server, { headers: OFFER })
    expect(client.headers.get('sec-websocket-extensions')?.[0]).toMatch(/^permessage-deflate/)
    const payload = deflated(JSON_TEXT)
    client.write(
      Buffer.concat([
        frame(0x1, payload.subarray(0, 10), { fin: false, rsv: RSV1 }),
        frame(0x9, Buffer.from('ping')),
        frame(0x0, payload.subarray(10)),
      ]),
    )
    const [pong, echo] = await client.frames(2)
    expect([pong.opcode, pong.rsv, echo.opcode, echo.rsv]).toEqual([0xa, 0, 0x1, RSV1])
    const tail = Buffer.of(0x00, 0x00, 0xff, 0xff)
    const inflated = inflateRawSync(Buffer.concat([echo.payload, tail]), {
      finishFlush: constants.Z_SYNC_FLUSH,
    })
    expect(inflated.toString()).toBe(JSON_TEXT)
    client.reset()
  })

  it('sends fragments of one message as one compressed message, and plain what it is told to', async () => {
    const { url } = await echoing(
      { memory: 'per-connection' },
      {
        message(socket) {
          socket.send('Hello, ', { fin: false })
          socket.send('world')
          socket.send('plain', { compress: false })
          socket.send('Hello again')
        },
      },
    )
    const client = await opened(url)
    const texts: string[] = []
    const done = new Promise<void>((resolve) => {
      client.on('message', (data) => texts.push(String(data)) === 3 && resolve())
    })
    client.send('go')
    await done
    expect(texts).toEqual(['Hello, world', 'plain', 'Hello again'])
    client.terminate()
  })

  it('publishes compressed to some and plain to others, each what it can read', async () => {
    const { url, router } = await echoing({ threshold: 0 }, { open: (socket) => socket.subscribe('news') })
    const compressed = [await opened(url), await opened(url), await opened(url, false)]
    const received = compressed.map(async (client) => String((await once(client, 'message'))[0]))
    expect(router.publish('news', JSON_TEXT)).toBe(3)
    expect(await Promise.all(received)).toEqual([JSON_TEXT, JSON_TEXT, JSON_TEXT])
    for (const client of compressed) client.terminate()
  })

  it.each<[string, Buffer, number]>([
    ['a bomb', deflated('a'.repeat(2 * 1024 * 1024)), 1009],
    ['what does not inflate', Buffer.of(0xff, 0xff, 0xff), 1007],
    [
      'text that is not UTF-8',
      deflateRawSync(Buffer.of(0xc3, 0x28), { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4),
      1007,
    ],
  ])('refuses %s', async (_, payload, code) => {
    const { server } = await echoing(true)
    const client = await rawUpgrade(server, { headers: OFFER })
    client.write(frame(0x1, payload, { rsv: RSV1 }))
    expect((await client.nextClose()).code).toBe(code)
    await client.ended
  })

  it.each(modes)('echoes what our own client sends, %s on both sides', async (_, options) => {
    const { url } = await echoing(options)
    const socket = await connect(url, { perMessageDeflate: options })
    expect(socket.extensions).toMatch(/^permessage-deflate/)
    const messages = ['', 'a', 'é€😀', JSON_TEXT, JSON_TEXT, Buffer.alloc(300_000, 7)]
    for (const message of messages) socket.send(message)
    const echoes: (string | Buffer)[] = []
    for await (const echo of socket) {
      if (echoes.push(echo) === messages.length) break
    }
    expect(echoes).toEqual(messages)
    socket.terminate()
  })

  it('refuses RSV1 where it was not negotiated', async () => {
    const { server } = await echoing(true)
    const client = await rawUpgrade(server)
    client.write(frame(0x1, deflated('a'), { rsv: RSV1 }))
    expect((await client.nextClose()).code).toBe(1002)
    await client.ended
  })
})

describe('compression of messages that are read while they arrive', () => {
  it.each([
    [true, true],
    [false, false],
  ])('is agreed on where contexts last (%s): %s', (lasts, isAgreed) => {
    vi.mocked(contextsLast).mockReturnValueOnce(lasts)
    const offers = readExtensionOffers('permessage-deflate') ?? []
    const settings = resolvePerMessageDeflate(true)
    expect('compression' in agreeOnExtensions(offers, settings, 'streamed')).toBe(isAgreed)
  })
})
