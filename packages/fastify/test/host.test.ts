import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { WebSocket } from '@upwire/core'
import { rawUpgrade } from '@upwire/testkit'
import { describe, expect, it, onTestFinished } from 'vitest'
import { WebSocketServer as WsServer } from 'ws'
import { closeOf, connect, createApp, refused } from './harness.ts'

describe('the host of an application', () => {
  it('leaves upgrades for other paths to who else listens', async () => {
    const app = await createApp()
    app.get('/ours', { websocket: true }, (socket) => socket.send('ours'))
    const others = new WsServer({ noServer: true })
    app.server.on('upgrade', (request, stream, head) => {
      if (request.url !== '/theirs') return
      others.handleUpgrade(request, stream, head, (socket) => socket.send('theirs'))
    })
    await app.listen({ port: 0, host: '127.0.0.1' })
    const { port } = app.server.address() as AddressInfo
    for (const name of ['ours', 'theirs']) {
      const socket = new WebSocket(`ws://127.0.0.1:${port}/${name}`)
      expect(String((await once(socket, 'message'))[0])).toBe(name)
      socket.terminate()
    }
  })

  it('answers a request for another upgrade as a plain one', async () => {
    const app = await createApp()
    app.get('/', async () => 'plain')
    await app.listen({ port: 0, host: '127.0.0.1' })
    const client = await rawUpgrade(app.server, { headers: { Upgrade: 'h2c' } })
    onTestFinished(() => client.reset())
    expect([client.status, await client.body()]).toEqual([200, 'plain'])
  })

  it('refuses a handshake by another method with 405', async () => {
    const app = await createApp()
    app.get('/', { websocket: true }, () => {})
    await app.listen({ port: 0, host: '127.0.0.1' })
    const client = await rawUpgrade(app.server, { method: 'POST' })
    onTestFinished(() => client.reset())
    expect(client.status).toBe(405)
  })

  it('answers 503 while it shuts down, and closes the rest with 1001', async () => {
    const app = await createApp()
    app.get('/', { websocket: true }, () => {})
    const socket = await connect(app)
    const closed = closeOf(socket)
    const shutDown = app.websocketServer.close()
    expect(await refused(app)).toMatchObject({ statusCode: 503 })
    expect(await closed).toBe('1001')
    await shutDown
  })

  it.each([
    ['rewriteUrl', { rewriteUrl: () => expect.fail('broken') }],
    ['genReqId', { genReqId: () => expect.fail('broken') }],
  ])('answers 500, and logs once, when the %s of the application fails', async (_name, options) => {
    const errors: string[] = []
    const stream = { write: (line: string) => void errors.push(JSON.parse(line).err?.message) }
    const app = await createApp({}, { ...options, logger: { stream, level: 'error' } })
    app.get('/', { websocket: true }, () => {})
    expect(await refused(app)).toMatchObject({ statusCode: 500 })
    expect(errors).toEqual(['broken'])
  })

  it('answers 503 until the last onReady hook has run, where a server of its own listens already', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    onTestFinished(() => void server.close())
    const app = await createApp({ server })
    const status = async (): Promise<number> => {
      const client = await rawUpgrade(server)
      client.reset()
      return client.status
    }
    app.ws('/', { preHandler: async (_request, reply) => reply.code(401).send() }, () => {})
    const statuses = [await status()]
    app.addHook('onReady', async () => void statuses.push(await status()))
    await app.ready()
    expect([...statuses, await status()]).toEqual([503, 503, 401])
  })
})
