import { once } from 'node:events'
import { createServer } from 'node:http'
import type { Socket } from 'node:net'
import type { HttpServer } from '@upwire/core'
import { expect } from 'vitest'
import { text } from '../frames.ts'
import { listenerCounts } from '../leak-check.ts'
import { handshakeBytes, rawRequest } from '../raw-client.ts'
import type { ContractFunction, ContractRoute } from './application.ts'
import { type ContractCase, contractCase } from './contract-case.ts'
import type { ContractRun } from './contract-run.ts'
import { deferred } from './deferred.ts'
import { expectStatus, expectText, happens } from './expectations.ts'

const welcome: ContractFunction = (socket) => socket.send('welcome')
const CHAT: ContractRoute = { path: '/chat', handler: welcome }
const PAGE = { path: '/page', body: 'the page' }
const H2C = 'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n'

/** Takes the upgrades of a path a turn later, as a development server or a proxy would. */
function addNeighbour(server: HttpServer, path: string, method: 'on' | 'prependListener' = 'on') {
  const untouched: boolean[] = []
  server[method]('upgrade', ({ url }: { url?: string }, stream: Socket) => {
    if (url !== path) return
    setImmediate(() => {
      untouched.push(stream.bytesWritten === 0 && !stream.destroyed)
      stream.end('HTTP/1.1 101 Theirs\r\n\r\ntheirs')
    })
  })
  return untouched
}

const get = (path: string, headers = '') => `GET ${path} HTTP/1.1\r\nHost: x\r\n${headers}\r\n`

/** A request on a connection of its own, which may go on with others. */
async function request(run: ContractRun, server: HttpServer, bytes: string) {
  const client = await rawRequest(server, bytes)
  run.keep(client)
  return client
}

/** It is one of several on its server, and lets the others be. */
export const neighbours: readonly ContractCase[] = [
  ...(['on', 'prependListener'] as const).map((method) =>
    contractCase(`an upgrade of somebody else's path is theirs alone, added by ${method}`, async (run) => {
      const application = await run.start({ routes: [CHAT] })
      const untouched = addNeighbour(application.server, '/hmr', method)
      const theirs = await run.connect(application, { path: '/hmr' })
      await theirs.ended
      expect([theirs.head, theirs.received.toString()]).toEqual(['HTTP/1.1 101 Theirs\r\n\r\n', 'theirs'])
      expect(untouched).toEqual([true])
      await expectText(await run.connect(application), 'welcome')
    }),
  ),

  contractCase('an upgrade of its own path is not told apart by who else listens', async (run) => {
    const application = await run.start({ routes: [{ ...CHAT, before: [() => ({ status: 401 })] }] })
    addNeighbour(application.server, '/hmr')
    await expectStatus(await run.connect(application), 401)
  }),

  contractCase('a page and a WebSocket may share a path', async (run) => {
    const application = await run.start({ routes: [CHAT], pages: [{ path: '/chat', body: 'the page' }] })
    const page = await request(run, application.server, get('/chat'))
    expect([page.status, await page.body()]).toEqual([200, 'the page'])
    await expectText(await run.connect(application), 'welcome')
  }),

  contractCase('a plain request of a WebSocket path says that there is no page', async (run) => {
    const application = await run.start({ routes: [CHAT], pages: [PAGE] })
    const client = await request(run, application.server, get('/chat', 'Connection: close\r\n'))
    await client.body()
    expect(client.status).toBe(run.harness.plainRequestStatus)
    if (client.status === 426) expect(client.headers.get('upgrade')).toEqual(['websocket'])
    const page = await request(run, application.server, get('/page'))
    expect([page.status, await page.body()]).toEqual([200, 'the page'])
    await expectText(await run.connect(application), 'welcome')
  }),

  contractCase(
    'a page that is asked for with Upgrade: h2c is sent, and the connection goes on',
    async (run) => {
      const application = await run.start({ routes: [CHAT], pages: [PAGE] })
      const client = await request(run, application.server, get('/page', H2C))
      expect([client.status, await client.body()]).toEqual([200, 'the page'])
      const seen = client.received.length
      client.write(get('/page'))
      await client.receive(seen + client.head.length)
      expect(client.received.subarray(seen).toString()).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
    },
  ),

  contractCase('a handshake may come on a connection that was used before', async (run) => {
    const application = await run.start({ routes: [CHAT], pages: [PAGE] })
    const client = await request(run, application.server, get('/page'))
    expect(await client.body()).toBe('the page')
    const seen = client.received.length
    client.write(handshakeBytes(application.server, { path: '/chat', after: text('hi') }))
    const expected = 'HTTP/1.1 101 Switching Protocols\r\n'
    const answer = await client.receive(seen + expected.length)
    expect(answer.subarray(seen).toString()).toBe(expected)
  }),

  contractCase('a handshake behind another request waits for its answer', async (run) => {
    const { promise: ready, resolve } = deferred()
    const application = await run.start({ routes: [CHAT], pages: [{ ...PAGE, ready }] })
    const handshake = handshakeBytes(application.server, { path: '/chat' }).toString('latin1')
    const handedOver = once(application.server, 'upgrade')
    const answering = request(run, application.server, get('/page') + handshake)
    await handedOver
    resolve()
    const client = await answering
    expect([client.status, await client.body()]).toEqual([200, 'the page'])
    await happens(() => client.received.includes('HTTP/1.1 101 Switching Protocols\r\n'))
    expect(client.received.indexOf('HTTP/1.1 101')).toBeGreaterThan(client.received.indexOf('the page'))
  }),

  contractCase(
    'detached, it leaves no listener, and its connections open',
    async (run) => {
      const server = createServer((_request, response) => void response.end('plain'))
      const before = listenerCounts(server)
      await once(server.listen(0, '127.0.0.1'), 'listening')
      try {
        const { detach } = await run.start({ routes: [CHAT], server })
        const client = await run.connect({ server })
        await expectText(client, 'welcome')
        detach?.()
        expect(listenerCounts(server)).toEqual(before)
        const late = await run.connect({ server })
        expect([late.status, await late.body()]).toEqual([200, 'plain'])
        expect(client.hasEnded).toBe(false)
      } finally {
        server.close()
      }
    },
    { needs: ['own server'] },
  ),

  contractCase(
    'two applications share a server, each with paths of its own',
    async (run) => {
      const first = await run.start({ routes: [CHAT] })
      const second = await run.start({
        routes: [{ path: '/second', handler: (socket) => socket.send('second') }],
        server: first.server,
      })
      await expectText(await run.connect(first), 'welcome')
      await expectText(await run.connect(second, { path: '/second' }), 'second')
      await expectStatus(await run.connect(first, { path: '/none' }), 404)
      expect([first.clients.size, second.clients.size]).toEqual([1, 1])
      second.detach?.()
      await expectText(await run.connect(first), 'welcome')
    },
    { needs: ['own server'] },
  ),
]
