import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import * as undici from 'undici'
import { describe, expect, it, onTestFinished } from 'vitest'
import { WebSocketServer as WsServer } from 'ws'
import { connect } from '../../src/client/connect.ts'
import type { PerMessageDeflateOptions } from '../../src/permessage-deflate/options.ts'
import { UpgradeRouter } from '../../src/server/upgrade-router.ts'
import { listen } from '../server/servers.ts'

/** As much of a client of the web's kind as is used. */
interface WebClient extends EventTarget {
  binaryType: string
  readonly extensions: string
  send(data: string | Uint8Array): void
  close(code: number): void
}
type WebClientClass = new (url: string) => WebClient

const JSON_TEXT = JSON.stringify(Array.from({ length: 40 }, (_, id) => ({ id, name: `Name ${id}` })))
const MESSAGES: readonly (string | Buffer)[] = [
  '',
  'a',
  'é€😀',
  JSON_TEXT,
  JSON_TEXT,
  Buffer.alloc(0),
  Buffer.alloc(300_000, 'abc'),
  'x'.repeat(300_000),
]
const MEMORY: readonly PerMessageDeflateOptions[] = [
  { memory: 'shared', threshold: 0 },
  { memory: 'per-connection' },
  { memory: 'per-connection', serverMaxWindowBits: 9, clientMaxWindowBits: 9 },
]

/** What tells messages apart, at less cost than comparing each byte. */
function digests(messages: readonly (string | Buffer)[]): string[] {
  return messages.map((message) => {
    const hash = createHash('sha1').update(message).digest('hex')
    return `${typeof message === 'string' ? 'text' : 'binary'} of ${message.length}: ${hash}`
  })
}

/** Our server, which echoes. */
async function upwire(perMessageDeflate: PerMessageDeflateOptions): Promise<string> {
  const router = new UpgradeRouter()
  router.ws(
    '/',
    { perMessageDeflate },
    { message: (socket, data, binary) => void socket.send(data, { binary }) },
  )
  return address(router)
}

/** The server of `ws`, which echoes. */
async function ws(perMessageDeflate: object): Promise<string> {
  const server = await listen(createServer())
  const peer = new WsServer({ server, perMessageDeflate })
  peer.on('connection', (socket) => {
    socket.on('message', (data, binary) => socket.send(data, { binary }))
  })
  onTestFinished(() => {
    for (const client of peer.clients) client.terminate()
    peer.close()
  })
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

async function address(router: UpgradeRouter): Promise<string> {
  const server = await listen(createServer())
  router.attach(server)
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

function webClients(): [name: string, Client: WebClientClass][] {
  const clients: [string, WebClientClass][] = [['undici', undici.WebSocket as unknown as WebClientClass]]
  const { WebSocket } = globalThis as { WebSocket?: unknown }
  return WebSocket === undefined ? clients : [...clients, ['Node itself', WebSocket as WebClientClass]]
}

describe.each(webClients())('the client of %s and our server', (_name, Client) => {
  it.each(MEMORY)('exchange compressed messages: %o', async (options) => {
    const client = new Client(await upwire(options))
    client.binaryType = 'arraybuffer'
    const echoes: (string | Buffer)[] = []
    const done = new Promise<void>((resolve) => {
      client.addEventListener('message', (event) => {
        const { data } = event as unknown as { data: string | ArrayBuffer }
        if (echoes.push(typeof data === 'string' ? data : Buffer.from(data)) === MESSAGES.length) resolve()
      })
    })
    await once(client, 'open')
    expect(client.extensions).toMatch(/^permessage-deflate/)
    for (const message of MESSAGES) client.send(message)
    await done
    expect(digests(echoes)).toEqual(digests(MESSAGES))
    const closed = once(client, 'close')
    client.close(1000)
    expect((await closed)[0]).toMatchObject({ code: 1000, wasClean: true })
  })
})

describe('our client and the server of ws', () => {
  const servers = [
    { threshold: 0 },
    { threshold: 0, serverNoContextTakeover: true, clientNoContextTakeover: true },
    { threshold: 0, serverMaxWindowBits: 9, clientMaxWindowBits: 9 },
  ]

  it.each(MEMORY.flatMap((ours) => servers.map((theirs) => [ours, theirs] as const)))(
    'exchange compressed messages: %o and %o',
    async (ours, theirs) => {
      const socket = await connect(await ws(theirs), { perMessageDeflate: ours })
      expect(socket.extensions).toMatch(/^permessage-deflate/)
      for (const message of MESSAGES) socket.send(message)
      const echoes: (string | Buffer)[] = []
      for await (const echo of socket) {
        if (echoes.push(echo) === MESSAGES.length) socket.close(1000)
      }
      expect(digests(echoes)).toEqual(digests(MESSAGES))
    },
  )
})
