import { createServer } from 'node:http'
import { WebSocket } from '@upwire/core'
import { listenerCounts } from '@upwire/testkit'
import { describe, expect, it, vi } from 'vitest'
import { upwire } from '../src/index.ts'
import { connect, EXPRESSES, nextText, serve } from './harness.ts'

describe.each(EXPRESSES)('upwire() on $version', ({ express }) => {
  it('gives an application methods of its own, and nothing to others', () => {
    const app = express()
    expect(upwire(app)).toBe(app)
    expect(Object.keys(app)).toEqual(expect.arrayContaining(['ws', 'attach', 'websockets']))
    expect('ws' in express()).toBe(false)
    expect('ws' in express.Router()).toBe(false)
  })

  it('gives a router ws(), which returns the router', () => {
    const router = express.Router()
    expect(upwire(router)).toBe(router)
    expect(upwire(router).ws('/chat', () => {})).toBe(router)
    expect('attach' in router).toBe(false)
  })

  it('is harmless when called again, but cannot take options then', () => {
    const app = upwire(express())
    const { ws } = app
    expect(upwire(app).ws).toBe(ws)
    expect(() => upwire(app, {})).toThrow(
      new TypeError('upwire() was called on this before: give its options to the first call'),
    )
  })

  it('says what to write for anything that is neither', () => {
    const toTake = 'upwire() takes an Express application or router'
    const values: unknown[] = [undefined, null, {}, () => {}, express, express.Router, createServer()]
    for (const value of values) expect(() => upwire(value as never)).toThrow(toTake)
    expect(() => upwire(express as never)).toThrow('write upwire(express())')
  })

  it('refuses an application that has another ws()', () => {
    const app = Object.assign(express(), { ws() {} })
    expect(() => upwire(app)).toThrow('leave out what gave it that, such as express-ws')
  })

  it('refuses an application that is mounted already', () => {
    const sub = express()
    express().use('/sub', sub)
    expect(() => upwire(sub)).toThrow('write app.use(path, upwire(express()))')
  })

  it('refuses options it does not know, with the ones they may mean', () => {
    expect(() => upwire(express(), { maxPayLoad: 1 } as never)).toThrow(/maxPayLoad.*maxPayload/)
    expect(() => upwire(express.Router(), { origin: '*' })).toThrow('dangerously-any')
  })

  it('refuses to count connections for a router', () => {
    expect(() => upwire(express.Router(), { maxConnections: 1 })).toThrow('give it to upwire(app) or to ws()')
  })

  describe('listen()', () => {
    it('serves WebSockets by itself, and calls back', async () => {
      const app = upwire(express())
      app.ws('/chat', (socket) => socket.send('welcome'))
      const onListening = vi.fn()
      const server = await serve({ listen: (port, host) => app.listen(port, host, onListening) })
      expect(await nextText(await connect(server, '/chat'))).toBe('welcome')
      expect(onListening).toHaveBeenCalledTimes(1)
    })
  })

  describe('attach()', () => {
    it('serves WebSockets on a server of your own, until detached', async () => {
      const app = upwire(express())
      app.ws('/chat', (socket) => socket.send('welcome'))
      const server = createServer(app)
      const before = listenerCounts(server)
      const detach = app.attach(server)
      await serve(server)
      const client = await connect(server, '/chat')
      expect(await nextText(client)).toBe('welcome')
      detach()
      expect(listenerCounts(server)).toEqual({ ...before, listening: server.listenerCount('listening') })
      expect([...app.websockets.clients]).toEqual([expect.any(WebSocket)])
      expect(client.hasEnded).toBe(false)
    })

    it('serves one application on several servers', async () => {
      const app = upwire(express())
      app.ws('/chat', (socket) => socket.send('welcome'))
      for (let count = 0; count < 2; count++) {
        const server = await serve(app)
        expect(await nextText(await connect(server, '/chat'))).toBe('welcome')
      }
      expect(app.websockets.clients.size).toBe(2)
    })

    it('refuses what is no server, and a server it is attached to', async () => {
      const app = upwire(express())
      expect(() => app.attach(app as never)).toThrow('attach() takes an http or https server')
      const server = createServer(app)
      app.attach(server)
      expect(() => app.attach(server)).toThrow('already')
    })
  })

  describe('websockets', () => {
    it('publishes, counts and closes, also as functions on their own', async () => {
      const app = upwire(express())
      app.ws('/chat', (socket) => {
        socket.subscribe('news')
        socket.send('welcome')
      })
      const client = await connect(await serve(app), '/chat')
      await client.nextFrame()
      const { publish, stats, close } = app.websockets
      expect(publish('news', 'hello')).toBe(1)
      expect(await nextText(client)).toBe('hello')
      expect(stats()).toMatchObject({ open: 1, accepted: 1, rejected: 0 })
      const closed = close({ code: 1012, reason: 'restart', deadline: 10 })
      expect(await client.nextClose()).toEqual({ code: 1012, reason: 'restart' })
      await closed
      expect(stats().open).toBe(0)
    })
  })
})
