import { type AddressInfo, connect as connectTo, type Socket } from 'node:net'
import { rawUpgrade } from '@upwire/testkit'
import { describe, expect, it, onTestFinished } from 'vitest'
import { closeOf, connect, createApp, createLoggingApp, refused } from './harness.ts'

const HANDSHAKE = [
  'GET / HTTP/1.1',
  'Host: a.example',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  '',
  '',
].join('\r\n')

describe('a handshake on its way', () => {
  it.each([
    ['a bad key', { 'Sec-WebSocket-Key': 'short' }, 400, 'UPWIRE_BAD_KEY'],
    ['another version', { 'Sec-WebSocket-Version': '12' }, 426, 'UPWIRE_BAD_VERSION'],
    ['a page of another origin', { Origin: 'https://evil.example' }, 403, 'UPWIRE_FOREIGN_ORIGIN'],
  ])(
    'is refused for %s before the hooks of its route, by an error of Fastify',
    async (_what, headers, status, code) => {
      const app = await createApp()
      app.addHook('preHandler', async () => expect.unreachable())
      app.get('/', { websocket: true }, () => {})
      await app.listen({ port: 0, host: '127.0.0.1' })
      const client = await rawUpgrade(app.server, { headers })
      onTestFinished(() => client.reset())
      expect(client.status).toBe(status)
      expect(await client.body()).toContain(code)
    },
  )

  it('is answered 503 when its hooks take too long', async () => {
    const app = await createApp({ handshakeTimeout: 20 })
    app.addHook('preHandler', () => new Promise(() => {}))
    app.get('/', { websocket: true }, () => {})
    expect(await refused(app)).toMatchObject({ statusCode: 503 })
  })

  it('opens with what came behind it, in order', async () => {
    const app = await createApp()
    app.addHook('preHandler', async () => new Promise((resolve) => setImmediate(resolve)))
    app.get('/', { websocket: true }, (socket) => {
      setImmediate(() => socket.on('message', (data) => socket.send(`got ${data}`)))
    })
    const socket = await connect(app)
    socket.send('one')
    socket.send('two')
    expect([await socket.next(), await socket.next()]).toEqual(['got one', 'got two'])
  })

  it('is no connection when a hook has answered and gone on', async () => {
    const { app, lines } = await createLoggingApp()
    app.addHook('preHandler', (_request, reply, done) => {
      reply.code(403).send('no')
      done()
    })
    app.get('/', { websocket: true }, () => expect.unreachable())
    expect(await refused(app)).toMatchObject({ statusCode: 403, payload: 'no' })
    expect(lines.filter(({ level }) => level >= 50)).toEqual([])
  })

  it.each([
    ['half-closes', 'end', (client: Socket) => client.end()],
    ['is reset', 'close', (client: Socket) => client.resetAndDestroy()],
  ])(
    'comes to nothing, and is not logged as a 101, when its client %s meanwhile',
    async (_how, event, leave) => {
      const { app, lines } = await createLoggingApp()
      const decided = new Promise((resolve) => {
        app.addHook('preHandler', async ({ raw }) => {
          const left = new Promise((leave) => raw.socket.once(event, leave))
          leave(client)
          await left
          setImmediate(resolve)
        })
      })
      app.get('/', { websocket: true }, () => expect.unreachable())
      await app.listen({ port: 0, host: '127.0.0.1' })
      const client = connectTo((app.server.address() as AddressInfo).port, '127.0.0.1')
      client.on('error', () => {}).write(HANDSHAKE)
      await decided
      await app.close()
      expect(lines.map(({ msg }) => msg).filter((msg) => !msg.startsWith('Server'))).toEqual([
        'incoming request',
      ])
    },
  )

  it('has onRequestAbort run when its client leaves before the decision, and at no other time', async () => {
    const app = await createApp()
    const aborted = new Promise((resolve) => app.addHook('onRequestAbort', async ({ url }) => resolve(url)))
    app.addHook('preHandler', async ({ url }, reply) => {
      if (url === '/left') await new Promise(() => {})
      await new Promise((resolve) => setImmediate(resolve))
      if (url === '/refused') return reply.code(403).send()
    })
    app.get('/:way', { websocket: true }, () => {})
    await app.listen({ port: 0, host: '127.0.0.1' })
    const open = await connect(app, '/open')
    const closed = closeOf(open)
    open.close()
    await closed
    await refused(app, '/refused')
    const arrived = new Promise((resolve) => app.server.once('upgrade', resolve))
    const client = connectTo((app.server.address() as AddressInfo).port, '127.0.0.1')
    client.on('error', () => {}).write(HANDSHAKE.replace('/ ', '/left '))
    await arrived
    client.resetAndDestroy()
    expect(await aborted).toBe('/left')
  })

  it('counts against maxConnections from its beginning', async () => {
    const app = await createApp({ maxConnections: 1 })
    app.get('/', { websocket: true }, () => {})
    const first = await connect(app)
    expect((await refused(app)).json()).toMatchObject({
      statusCode: 503,
      code: 'UPWIRE_TOO_MANY_CONNECTIONS',
    })
    const closed = closeOf(first)
    first.close()
    await closed
    await connect(app)
  })
})
