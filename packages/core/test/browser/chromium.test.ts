import { readFileSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { CHROMIUM_FLAGS, chromium, describeRequiring } from '@upwire/testkit/requires'
import { type Browser, chromium as launcher, type Page } from 'playwright-core'
import { beforeAll, expect, it, onTestFinished, vi } from 'vitest'
import type { PerMessageDeflateOptions } from '../../src/permessage-deflate/options.ts'
import type { Handler, HandlerHooks } from '../../src/routing/handler.ts'
import { UpgradeRouter } from '../../src/server/upgrade-router.ts'
import type { WebSocket } from '../../src/websocket/websocket.ts'
import { listen, TLS } from '../server/servers.ts'

const MIB = 1024 * 1024
const LIMITS = { maxPayload: 16 * MIB, maxBackpressure: 64 * MIB }
const MEMORY = ['shared', 'per-connection'] as const
const PAGE = readFileSync(new URL('page.html', import.meta.url))

const echo: Handler = { message: (socket, data, binary) => void socket.send(data, { binary }) }
const answerPage: RequestListener = (_request, response) => {
  response.writeHead(200, { 'content-type': 'text/html' }).end(PAGE)
}

interface Served {
  readonly url: string
  readonly router: UpgradeRouter
  /** Below the WebSockets: the streams of the requests to open one. */
  readonly streams: Duplex[]
}

/** A server with the page, and with a handler at `/socket`. */
async function serve(
  handler: Handler,
  perMessageDeflate: boolean | PerMessageDeflateOptions = true,
  { limits = LIMITS, isSecure = false } = {},
): Promise<Served> {
  const server = isSecure ? createSecureServer(TLS, answerPage) : createServer(answerPage)
  const streams: Duplex[] = []
  server.on('upgrade', (_request, stream: Duplex) => streams.push(stream))
  const router = new UpgradeRouter()
  router.ws('/socket', { perMessageDeflate, ...limits }, handler)
  router.attach(await listen(server))
  const { port } = server.address() as AddressInfo
  return { url: `${isSecure ? 'https' : 'http'}://localhost:${port}/`, router, streams }
}

/** A handler, and how its first connection closed. */
function closing(): { handler: Handler; closed: Promise<string> } {
  const handler: HandlerHooks = {}
  const closed = new Promise<string>((resolve) => {
    handler.close = (_socket, code, reason) => resolve(`${code} ${reason}`.trim())
  })
  return { handler, closed }
}

vi.setConfig({ testTimeout: 60_000 })

describeRequiring(chromium, 'a page in Chromium', (executablePath) => {
  let browser: Browser

  beforeAll(async () => {
    browser = await launcher.launch({ executablePath, args: CHROMIUM_FLAGS })
    return () => browser.close()
  }, 30_000)

  async function open(url: string): Promise<Page> {
    const context = await browser.newContext({ ignoreHTTPSErrors: true })
    onTestFinished(() => context.close())
    const page = await context.newPage()
    await page.goto(url)
    return page
  }

  /** The values of the header by which the server agreed to extensions, as the browser got them. */
  async function agreedExtensions(page: Page): Promise<string[]> {
    const session = await page.context().newCDPSession(page)
    const values: string[] = []
    session.on('Network.webSocketHandshakeResponseReceived', ({ response }) => {
      const found = Object.entries(response.headers).find(
        ([name]) => name.toLowerCase() === 'sec-websocket-extensions',
      )
      values.push(found?.[1] ?? '')
    })
    await session.send('Network.enable')
    return values
  }

  it.each(MEMORY)('agrees on compression, with memory %s, and its messages come back', async (memory) => {
    const { url } = await serve(echo, { memory, threshold: 0 })
    const page = await open(url)
    const agreed = await agreedExtensions(page)
    const messages = "['', 'a', 'é€😀', 'x'.repeat(70000), bytes(0), bytes(1), bytes(125), bytes(70000)]"
    const result = await page.evaluate(`echoed('/socket', ${messages})`)
    expect(result).toEqual({ count: 8, extensions: agreed[0], code: 1000 })
    expect(agreed).toEqual([expect.stringMatching(/^permessage-deflate/)])
    expect(agreed[0].includes('server_no_context_takeover')).toBe(memory === 'shared')
  })

  it('is not answered with an extension where compression is off', async () => {
    const { url } = await serve(echo, false)
    const page = await open(url)
    const agreed = await agreedExtensions(page)
    const result = await page.evaluate("echoed('/socket', ['a', bytes(300)])")
    expect([result, agreed]).toEqual([{ count: 2, extensions: '', code: 1000 }, ['']])
  })

  it.each(MEMORY)('exchanges messages of 16 MiB, with memory %s', async (memory) => {
    const { url } = await serve(echo, { memory })
    const page = await open(url)
    const messages = "['0123456789abcde\\n'.repeat(2 ** 20), bytes(2 ** 24)]"
    expect(await page.evaluate(`echoed('/socket', ${messages})`)).toMatchObject({ count: 2, code: 1000 })
  })

  it.each(MEMORY)('exchanges 10,000 small messages in their order, with memory %s', async (memory) => {
    const { url } = await serve(echo, { memory, threshold: 0 })
    const page = await open(url)
    const messages = "Array.from({ length: 10000 }, (_, index) => index % 2 ? bytes(16) : 'message ' + index)"
    expect(await page.evaluate(`echoed('/socket', ${messages})`)).toMatchObject({ count: 10_000 })
  })

  it('speaks over TLS', async () => {
    const { url } = await serve(echo, true, { isSecure: true })
    const page = await open(url)
    const result = await page.evaluate("echoed('/socket', ['x'.repeat(70000), bytes(70000)])")
    expect(result).toMatchObject({ count: 2, extensions: expect.stringMatching(/^permessage-deflate/) })
  })

  it.each<[what: string, close: (socket: WebSocket) => void, expected: object]>([
    ['1000', (socket) => socket.close(1000), { code: 1000, reason: '', wasClean: true }],
    [
      '1001 and a reason',
      (socket) => socket.close(1001, 'restart'),
      { code: 1001, reason: 'restart', wasClean: true },
    ],
    [
      '4999 and a reason',
      (socket) => socket.close(4999, 'grüße ☃'),
      { code: 4999, reason: 'grüße ☃', wasClean: true },
    ],
    ['1002', (socket) => socket.close(1002), { code: 1002, reason: '', wasClean: true }],
    ['1007', (socket) => socket.close(1007), { code: 1007, reason: '', wasClean: true }],
    ['no code, which is 1005', (socket) => socket.close(), { code: 1005, reason: '', wasClean: true }],
    [
      'no Close frame, which is 1006',
      (socket) => socket.terminate(),
      { code: 1006, reason: '', wasClean: false },
    ],
  ])('is told that the server closes with %s', async (_what, close, expected) => {
    const { url } = await serve({
      message: (socket) => close(socket),
    })
    const page = await open(url)
    const result = await page.evaluate(`opened('/socket').then((socket) => {
      const closing = closed(socket)
      socket.send('close')
      return closing
    })`)
    expect(result).toEqual({ ...expected, messages: [] })
  })

  it('gets what was sent before the server closes', async () => {
    const { url } = await serve({
      message(socket, data) {
        for (const _ of Array(100)) socket.send(data)
        socket.close(4000)
      },
    })
    const page = await open(url)
    const result = await page.evaluate(`opened('/socket').then((socket) => {
      const closing = closed(socket)
      socket.send('x'.repeat(2000))
      return closing.then(({ code, messages }) => [code, messages.length])
    })`)
    expect(result).toEqual([4000, 100])
  })

  it.each([
    ['1000', 'socket.close(1000)', '1000'],
    ['3000 and a reason', "socket.close(3000, 'grüße ☃')", '3000 grüße ☃'],
    ['no code, which is 1005', 'socket.close()', '1005'],
    ['1001, by leaving', "setTimeout(() => location.replace('about:blank'))", '1001'],
  ])('tells the server that it closes with %s', async (_what, close, expected) => {
    const { handler, closed } = closing()
    const { url } = await serve(handler)
    const page = await open(url)
    await page.evaluate(`opened('/socket').then((socket) => { window.socket = socket; ${close} })`)
    expect(await closed).toBe(expected)
  })

  it('is refused a message above the limit with 1009', async () => {
    const { url } = await serve(echo, true, { limits: { ...LIMITS, maxPayload: 1000 } })
    const page = await open(url)
    const result = await page.evaluate(`opened('/socket').then((socket) => {
      const closing = closed(socket)
      socket.send('x'.repeat(1001))
      return closing
    })`)
    expect(result).toMatchObject({ code: 1009, wasClean: true })
  })

  it.each([
    ['a reserved opcode', '8300', 1002],
    ['a masked frame', '818000000000', 1002],
    ['a text that is not UTF-8', '8101ff', 1002],
  ])('fails on %s with %s, and the server is told: %i', async (_what, hex, code) => {
    const { handler, closed } = closing()
    const { url, streams } = await serve(handler)
    const page = await open(url)
    await page.evaluate("opened('/socket').then((socket) => { window.closing = closed(socket) })")
    streams[0].write(Buffer.from(hex, 'hex'))
    expect(await page.evaluate('closing')).toMatchObject({ code: 1006, wasClean: false })
    expect(Number.parseInt(await closed, 10)).toBe(code)
  })
})
