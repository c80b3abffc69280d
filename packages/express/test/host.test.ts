import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import type { ConnectionOptions as TlsOptions } from 'node:tls'
import { rawRequest } from '@upwire/testkit'
import type { ErrorRequestHandler, RequestHandler, Response } from 'express'
import { describe, expect, it, vi } from 'vitest'
import { WebSocket as WsClient, WebSocketServer as WsServer } from 'ws'
import { upwire } from '../src/index.ts'
import { connect, EXPRESSES, nextText, serve } from './harness.ts'

/** TLS without a certificate (RFC 4279). */
const PRE_SHARED_KEY = { ciphers: 'PSK', maxVersion: 'TLSv1.2' } as const
const psk = Buffer.alloc(16, 7)

const forbid: RequestHandler = (_request, response) => void response.status(403).send('no')

describe.each(EXPRESSES)('an application on $version', ({ express }) => {
  describe('that shares its server', () => {
    /** Somebody else's 'upgrade' listener, such as that of a development server. */
    function listenBeside(server: Server, path: string): void {
      const others = new WsServer({ noServer: true })
      server.on('upgrade', (request, stream, head) => {
        if (request.url !== path) return
        others.handleUpgrade(request, stream, head, (socket) => socket.send('theirs'))
      })
    }

    it.each(['before', 'after'])('leaves upgrades that are not its own to who listened %s', async (order) => {
      const app = upwire(express())
      app.use(forbid)
      app.use(
        '/api',
        upwire(express.Router()).ws('/chat', () => {}),
      )
      const server = createServer(app)
      if (order === 'before') listenBeside(server, '/hmr')
      app.attach(server)
      if (order === 'after') listenBeside(server, '/hmr')
      await serve(server)
      expect(await nextText(await connect(server, '/hmr'))).toBe('theirs')
      expect((await connect(server, '/api/chat')).status).toBe(403)
    })

    it('leaves upgrades that nobody serves to the others', async () => {
      const app = upwire(express())
      const server = createServer(app)
      const seen = vi.fn()
      app.attach(server)
      const left = new Promise<void>((resolve) => {
        server.on('upgrade', (request, stream) => {
          seen(request.url, (stream as Socket).bytesWritten)
          stream.destroy()
          resolve()
        })
      })
      await serve(server)
      await connect(server, '/none').catch(() => {})
      await left
      expect(seen.mock.calls).toEqual([['/none', 0]])
    })
  })

  describe('that has its server for itself', () => {
    it('answers upgrades of other paths as it answers requests', async () => {
      const app = upwire(express())
      app.use('/admin', forbid)
      app.get('/page', (_request, response) => void response.send('the page'))
      const server = await serve(app)
      expect((await connect(server, '/none')).status).toBe(404)
      expect((await connect(server, '/admin/none')).status).toBe(403)
      const page = await connect(server, '/page')
      expect([page.status, await page.body()]).toEqual([200, 'the page'])
    })
  })

  it('answers requests in order: a handshake behind another request waits for its answer', async () => {
    const app = upwire(express())
    const slow = new Promise<Response>((resolve) => {
      app.get('/slow', (_request, response) => resolve(response))
    })
    app.ws('/chat', () => {})
    const requests =
      'GET /slow HTTP/1.1\r\nHost: x\r\n\r\n' +
      'GET /chat HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n'
    const answers = rawRequest(await serve(app), requests)
    const response = await slow
    await new Promise((resolve) => setImmediate(resolve))
    response.send('page')
    const client = await answers
    const opening = 'HTTP/1.1 101 Switching Protocols'
    expect([client.status, await client.body()]).toEqual([200, 'page'])
    expect((await client.receive(`page${opening}`.length)).toString()).toBe(`page${opening}`)
    client.reset()
  })

  describe('that another one is mounted in', () => {
    it('holds the connections of both', async () => {
      const [app, sub] = [upwire(express(), { data: () => 'of the app' }), upwire(express())]
      sub.ws('/chat', (socket) => {
        socket.subscribe('news')
        socket.send(JSON.stringify(socket.data))
      })
      app.use('/sub', sub)
      const client = await connect(await serve(app), '/sub/chat')
      expect(JSON.parse(await nextText(client))).toBe('of the app')
      expect(sub.websockets.clients).toBe(app.websockets.clients)
      sub.websockets.publish('news', 'hello')
      expect(await nextText(client)).toBe('hello')
    })

    it('claims the paths of it, from where it is mounted', async () => {
      const [app, sub] = [upwire(express()), upwire(express())]
      sub.ws('/chat', () => {})
      app.use(['/a', '/b'], sub)
      const server = createServer(app)
      app.attach(server)
      server.on('upgrade', () => {})
      await serve(server)
      expect((await connect(server, '/a/chat')).status).toBe(101)
      expect((await connect(server, '/b/chat')).status).toBe(101)
    })
  })

  describe('that is closed', () => {
    it('says goodbye to its peers when its server closes, which then ends', async () => {
      const app = upwire(express())
      app.ws('/chat', () => {})
      const server = await serve(app)
      const client = await connect(server, '/chat')
      const closed = new Promise((resolve) => server.close(resolve))
      expect(await client.nextClose()).toMatchObject({ code: 1001 })
      client.reset()
      await closed
      await app.websockets.close()
      expect(app.websockets.stats()).toMatchObject({ open: 0, closed: { 1006: 1 } })
    })

    it('answers 503 while it closes, also to a handshake that is under way', async () => {
      const app = upwire(express())
      let goOn = () => {}
      const held = new Promise<void>((resolve) => {
        app.ws(
          '/held',
          (_request, response, next) => {
            response.set('X-Request-Id', '7')
            goOn = next
            resolve()
          },
          () => expect.unreachable('opened'),
        )
      })
      app.ws('/chat', () => {})
      const server = await serve(app)
      const open = await connect(server, '/chat')
      const holding = connect(server, '/held')
      await held
      const closed = app.websockets.close()
      expect((await connect(server, '/chat')).status).toBe(503)
      goOn()
      const refused = await holding
      expect([refused.status, refused.headers.get('x-request-id')]).toEqual([503, ['7']])
      open.reset()
      await closed
    })

    it('serves again when it is attached again', async () => {
      const app = upwire(express())
      app.ws('/chat', (socket) => socket.send('welcome'))
      await app.websockets.close()
      const server = await serve(app)
      expect(await nextText(await connect(server, '/chat'))).toBe('welcome')
      expect(app.websockets.stats().open).toBe(1)
    })
  })

  describe('that is told of a second error of a connection', () => {
    it('lets error middleware pass it on, as it is or as another, and logs what nobody takes', async () => {
      const log = vi.spyOn(console, 'error').mockImplementation(() => {})
      const app = upwire(express())
      app.set('env', 'production')
      app.ws('/chat', (socket) => {
        socket.on('close', () => Promise.reject(new Error('second')))
        throw new Error('first')
      })
      const passOn: ErrorRequestHandler = (error, _request, _response, next) => next(error)
      const replace: ErrorRequestHandler = (error, _request, _response, _next) => {
        throw new Error(`replaced ${error.message}`)
      }
      const take: ErrorRequestHandler = (error, _request, response, next) => {
        if (error.message === 'replaced first') response.end()
        else next(error)
      }
      app.use(passOn, replace, take)
      const client = await connect(await serve(app), '/chat')
      expect(await client.nextClose()).toMatchObject({ code: 1011 })
      client.end()
      await vi.waitFor(() => expect(log).toHaveBeenCalled())
      expect(log.mock.calls).toEqual([[expect.stringContaining('Error: replaced second')]])
      log.mockRestore()
    })
  })

  describe('without error middleware', () => {
    async function logOf(env: string) {
      const log = vi.spyOn(console, 'error').mockImplementation(() => {})
      const app = upwire(express())
      app.set('env', env)
      app.ws('/chat', () => {
        throw new Error('broken')
      })
      const client = await connect(await serve(app), '/chat')
      expect(await client.nextClose()).toMatchObject({ code: 1011 })
      const { calls } = log.mock
      log.mockRestore()
      return calls
    }

    it('logs what a handler throws, as Express does, and closes the connection with 1011', async () => {
      expect(await logOf('production')).toEqual([[expect.stringContaining('Error: broken')]])
    })

    it('is silent in tests, as Express is', async () => {
      expect(await logOf('test')).toEqual([])
    })
  })

  describe('to the client of the package ws', () => {
    function echo() {
      const app = upwire(express())
      app.ws('/echo', { message: (socket, data) => void socket.send(data) })
      return app
    }

    async function echoed(server: Server, scheme: 'ws' | 'wss', options?: TlsOptions): Promise<unknown[]> {
      const { port } = server.address() as AddressInfo
      const socket = new WsClient(`${scheme}://127.0.0.1:${port}/echo`, options as object)
      await once(socket, 'open')
      const messages: unknown[] = []
      for (const message of ['text', Buffer.from('00ff', 'hex')]) {
        socket.send(message)
        const [data, isBinary] = await once(socket, 'message')
        messages.push(isBinary ? data.toString('hex') : data.toString())
      }
      socket.close(1000, 'done')
      const [code, reason] = await once(socket, 'close')
      return [...messages, code, reason.toString()]
    }

    it('echoes text and binary, and closes', async () => {
      expect(await echoed(await serve(echo()), 'ws')).toEqual(['text', '00ff', 1000, 'done'])
    })

    it('does so over TLS', async () => {
      const app = echo()
      const server = createSecureServer({ ...PRE_SHARED_KEY, pskCallback: () => psk }, app)
      app.attach(server)
      const options: TlsOptions = {
        ...PRE_SHARED_KEY,
        pskCallback: () => ({ psk, identity: 'client' }),
        checkServerIdentity: () => undefined,
      }
      expect(await echoed(await serve(server), 'wss', options)).toEqual(['text', '00ff', 1000, 'done'])
    })
  })
})
