import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { type RawClient, rawUpgrade } from '@upwire/testkit'
import Fastify, { type FastifyInstance } from 'fastify'
import { describe, expect, it, onTestFinished } from 'vitest'
import { upwire } from '../src/index.ts'
import { closeOf, closing, connect, createApp } from './harness.ts'

const PROGRAM = fileURLToPath(new URL('support/closing-server.ts', import.meta.url))

/** A close frame with 1001, as a client masks it with zeros. */
const CLOSE_1001 = Buffer.from('888200000000' + '03e9', 'hex')

/** Connects so many clients, a few at a time. */
async function connectMany(port: number, count: number): Promise<RawClient[]> {
  const clients: RawClient[] = []
  onTestFinished(() => {
    for (const client of clients) client.reset()
  })
  while (clients.length < count) {
    const some = Array.from({ length: Math.min(50, count - clients.length) }, () => rawUpgrade(port))
    clients.push(...(await Promise.all(some)))
  }
  return clients
}

describe('app.close()', () => {
  it('tells 1,000 clients 1001, and waits 5 s for the 10 that never answer', {
    timeout: 60_000,
  }, async () => {
    const program = fork(PROGRAM, { execArgv: ['--import=tsx', '--conditions=@upwire/source'] })
    onTestFinished(() => void program.kill())
    const [port] = await once(program, 'message')
    const clients = await connectMany(port as number, 1000)
    const silent = clients.slice(0, 10)
    const closes = clients.map((client) => client.nextClose())
    for (const [index, close] of closes.entries()) {
      if (index >= silent.length) void close.then(() => clients[index].write(CLOSE_1001))
    }
    program.send('close')
    const [milliseconds] = await once(program, 'message')
    const codes = await Promise.all(closes.map(async (close) => (await close).code))
    expect(codes).toEqual(Array.from({ length: 1000 }, () => 1001))
    expect(milliseconds).toBeGreaterThan(4_500)
    expect(milliseconds).toBeLessThan(5_500)
  })

  it('does not wait when all answer', async () => {
    const app = await createApp()
    app.get('/', { websocket: true }, () => {})
    const sockets = await Promise.all(Array.from({ length: 20 }, () => connect(app)))
    const begin = performance.now()
    await app.close()
    expect(performance.now() - begin).toBeLessThan(1_000)
    for (const socket of sockets) expect(await closeOf(socket)).toBe('1001')
  })

  it('closes with the code, the reason and the deadline it is given', async () => {
    const app = await createApp({ shutdown: { code: 1012, reason: 'restart', deadline: 50 } })
    app.get('/', { websocket: true }, () => {})
    await app.listen({ port: 0, host: '127.0.0.1' })
    const silent = await rawUpgrade(app.server)
    onTestFinished(() => silent.reset())
    const close = silent.nextClose()
    await app.close()
    expect(await close).toEqual({ code: 1012, reason: 'restart' })
  })

  it.each([
    ['calls back', 2],
    ['is async', 1],
  ])('lets a preClose that %s close in its own way', async (_how, style) => {
    const app = closing(Fastify())
    const closeAll = () => {
      for (const socket of app.websocketServer.clients) socket.close(4000, 'in a custom manner')
    }
    const calledBack = function (this: FastifyInstance, done: () => void) {
      closeAll()
      void this.websocketServer.close(done)
    }
    await app.register(upwire, {
      preClose: style === 2 ? calledBack : async () => closeAll(),
      shutdown: { deadline: 200 },
    })
    app.get('/', { websocket: true }, () => {})
    await app.listen({ port: 0, host: '127.0.0.1' })
    const client = await connect(app)
    await app.close()
    expect(await closeOf(client)).toBe('4000 in a custom manner')
  })

  it('ends what a preClose has left open, when the server closes', async () => {
    const app = closing(Fastify())
    await app.register(upwire, { preClose: async () => {}, shutdown: { deadline: 200 } })
    app.get('/', { websocket: true }, () => {})
    await app.listen({ port: 0, host: '127.0.0.1' })
    const client = await rawUpgrade(app.server)
    onTestFinished(() => client.reset())
    const close = client.nextClose()
    await app.close()
    expect((await close).code).toBe(1001)
  })

  it('answers 503 to a handshake that comes meanwhile', async () => {
    const app = await createApp({ shutdown: { deadline: 300 } })
    app.get('/', { websocket: true }, () => {})
    await app.listen({ port: 0, host: '127.0.0.1' })
    const silent = await rawUpgrade(app.server)
    onTestFinished(() => silent.reset())
    const closed = app.close()
    await silent.nextClose()
    const late = await rawUpgrade(app.server)
    onTestFinished(() => late.reset())
    expect(late.status).toBe(503)
    await closed
  })
})
