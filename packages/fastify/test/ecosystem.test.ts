import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import cookie from '@fastify/cookie'
import cors from '@fastify/cors'
import helmet from '@fastify/helmet'
import proxy from '@fastify/http-proxy'
import jwt from '@fastify/jwt'
import rateLimit from '@fastify/rate-limit'
import session from '@fastify/session'
import { WebSocket } from '@upwire/core'
import { watchEachTest } from '@upwire/testkit'
import Fastify, { type FastifyInstance } from 'fastify'
import { Server as SocketIoServer } from 'socket.io'
import { io } from 'socket.io-client'
import { describe, expect, it, onTestFinished } from 'vitest'
import { upwire, type WebsocketHandler } from '../src/index.ts'
import { acceptance, closing, connect, createApp, createLoggingApp, refused } from './harness.ts'

declare module 'fastify' {
  interface Session {
    visits?: number
  }
}

watchEachTest()

/** The two ways to declare a route. */
const WAYS: [string, (app: FastifyInstance, handler: WebsocketHandler) => void][] = [
  ['{ websocket: true }', (app, handler) => app.get('/', { websocket: true }, handler)],
  ['ws()', (app, handler) => app.ws('/', handler)],
]

async function port(app: FastifyInstance): Promise<number> {
  await app.listen({ port: 0, host: '127.0.0.1' })
  return (app.server.address() as AddressInfo).port
}

describe.each(WAYS)('beside a route by %s', (_way, declare) => {
  it('@fastify/cookie reads cookies, and sends those of hooks with the 101', async () => {
    const app = await createApp()
    await app.register(cookie, { secret: 'secret' })
    app.addHook('preHandler', async (request, reply) => {
      reply.setCookie('seen', `${request.cookies.name}`, { signed: true }).setCookie('theme', 'dark')
    })
    declare(app, (socket, request) => socket.send(`${request.cookies.name}`))
    const { headers, socket } = await acceptance(app, { cookie: 'name=ann' })
    expect(await socket.next()).toBe('ann')
    expect(headers['set-cookie']).toEqual([
      expect.stringMatching(/^seen=ann\.[^;]+; SameSite=Lax$/),
      'theme=dark; SameSite=Lax',
    ])
  })

  it('@fastify/session knows the user, saves what hooks change and sends a new cookie', async () => {
    const app = await createApp()
    await app.register(cookie)
    await app.register(session, { secret: 's'.repeat(32), cookie: { secure: false } })
    app.addHook('preHandler', async ({ session }) => {
      session.visits = (session.visits ?? 0) + 1
    })
    declare(app, (socket, request) => socket.send(`visit ${request.session.visits}`))
    const first = await acceptance(app)
    const [sent] = (first.headers['set-cookie'] ?? []) as string[]
    expect(sent).toMatch(/^sessionId=/)
    const second = await acceptance(app, { cookie: sent.split(';', 1)[0] })
    expect([await first.socket.next(), await second.socket.next()]).toEqual(['visit 1', 'visit 2'])
  })

  it('@fastify/jwt lets in who has a token, and answers 401 to others', async () => {
    const app = await createApp()
    await app.register(jwt, { secret: 'secret' })
    app.addHook('onRequest', async (request) => void (await request.jwtVerify()))
    declare(app, (socket, request) => socket.send(`${Reflect.get(request.user as object, 'name')}`))
    await app.ready()
    const authorization = `Bearer ${app.jwt.sign({ name: 'ann' })}`
    expect(await (await connect(app, '/', { authorization })).next()).toBe('ann')
    expect((await refused(app)).json()).toMatchObject({
      statusCode: 401,
      code: 'FST_JWT_NO_AUTHORIZATION_IN_HEADER',
    })
  })

  it('@fastify/rate-limit counts handshakes, and answers 429 with its headers', async () => {
    const app = await createApp()
    await app.register(rateLimit, { max: 1, timeWindow: '1 minute' })
    declare(app, () => {})
    expect((await acceptance(app)).headers).toMatchObject({
      'x-ratelimit-limit': '1',
      'x-ratelimit-remaining': '0',
    })
    const response = await refused(app)
    expect(response.statusCode).toBe(429)
    expect(response.headers).toMatchObject({ 'retry-after': '60' })
  })

  it('@fastify/helmet and @fastify/cors set their headers', async () => {
    const app = await createApp({ origin: ['https://app.example'] })
    await app.register(helmet)
    await app.register(cors, { origin: 'https://app.example' })
    declare(app, () => {})
    const { headers } = await acceptance(app, { origin: 'https://app.example' })
    expect(headers).toMatchObject({
      'access-control-allow-origin': 'https://app.example',
      'x-content-type-options': 'nosniff',
    })
  })
})

describe('on the same server', () => {
  it('@fastify/http-proxy carries WebSockets to where they are proxied', async () => {
    const behind = await createApp()
    behind.get('/echo', { websocket: true }, (socket) => {
      socket.on('message', (data) => socket.send(`behind ${data}`))
    })
    const upstream = `http://127.0.0.1:${await port(behind)}`
    const app = await createApp()
    await app.register(proxy, { upstream, prefix: '/proxied', websocket: true })
    app.get('/ours', { websocket: true }, (socket) => socket.send('ours'))
    const address = `ws://127.0.0.1:${await port(app)}`
    const ours = new WebSocket(`${address}/ours`)
    expect(String((await once(ours, 'message'))[0])).toBe('ours')
    const proxied = new WebSocket(`${address}/proxied/echo`)
    await once(proxied, 'open')
    proxied.send('hi')
    expect(String((await once(proxied, 'message'))[0])).toBe('behind hi')
    ours.terminate()
    proxied.close()
    await once(proxied, 'close')
  })

  it('socket.io keeps its clients', async () => {
    const app = await createApp()
    app.get('/ours', { websocket: true }, (socket) => socket.send('ours'))
    const server = new SocketIoServer(app.server, { destroyUpgrade: false })
    onTestFinished(() => void server.close())
    server.on('connection', (socket) => socket.emit('hello', 'theirs'))
    const listening = await port(app)
    const client = io(`http://127.0.0.1:${listening}`, { transports: ['websocket'], reconnection: false })
    onTestFinished(() => void client.close())
    expect(await new Promise((resolve) => client.on('hello', resolve))).toBe('theirs')
    const ours = new WebSocket(`ws://127.0.0.1:${listening}/ours`)
    expect(String((await once(ours, 'message'))[0])).toBe('ours')
    ours.terminate()
  })
})

describe('a logger', () => {
  it('writes of a refusal as of any answer, once', async () => {
    const { app, lines } = await createLoggingApp()
    app.get('/', { websocket: true, preHandler: async (_request, reply) => reply.code(403).send() }, () => {})
    await refused(app)
    expect(lines.map(({ msg }) => msg).filter((msg) => msg.startsWith('request'))).toEqual([
      'request completed',
    ])
  })
})

describe('constraints of a route', () => {
  it('choose between handlers of one path', async () => {
    const app = closing(Fastify())
    await app.register(upwire)
    for (const host of ['a.example', 'b.example']) {
      app.get('/', { websocket: true, constraints: { host } }, (socket) => socket.send(host))
    }
    expect(await (await connect(app, '/', { host: 'b.example' })).next()).toBe('b.example')
    expect(await (await connect(app, '/', { host: 'a.example' })).next()).toBe('a.example')
  })
})
