import { WebSocket as CoreWebSocket } from '@upwire/core'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { createWebSocketStream, type RawData, type WebSocket as WsWebSocket } from 'ws'
import { WebSocket } from '../src/index.ts'
import { connect, createApp } from './harness.ts'

describe('the WebSocket of a handler', () => {
  it('is the class of core', async () => {
    const app = await createApp()
    app.get('/', { websocket: true }, (socket) => {
      expectTypeOf(socket).toEqualTypeOf<WebSocket>()
      expectTypeOf(socket).toExtend<CoreWebSocket>()
      socket.send(`${WebSocket === CoreWebSocket} ${socket instanceof WebSocket} ${WebSocket.OPEN}`)
    })
    expect(await (await connect(app)).next()).toBe('true true 1')
  })

  it('may be given to what takes one of the package ws', async () => {
    const app = await createApp()
    const all = new Set<WsWebSocket>()
    const greet = (socket: WsWebSocket): void => socket.send('hi')
    app.get('/', { websocket: true }, (socket) => {
      all.add(socket)
      for (const each of all) greet(each)
    })
    app.get('/annotated', { websocket: true }, (socket: WsWebSocket) => greet(socket))
    app.get('/stream', { websocket: true }, (socket) => void createWebSocketStream(socket).end('hi'))
    expect(await (await connect(app)).next()).toBe('hi')
    expect(await (await connect(app, '/annotated')).next()).toBe('hi')
    expect(String(await (await connect(app, '/stream')).next())).toBe('hi')
    expectTypeOf(app.websocketServer.clients).toExtend<Set<WsWebSocket>>()
  })

  it('takes listeners as they are written with the types of ws', async () => {
    const app = await createApp()
    const heard: string[] = []
    app.get('/', { websocket: true }, (socket) => {
      socket.on('message', (data) => {
        expectTypeOf(data).toEqualTypeOf<RawData>()
        heard.push(`data ${data}`)
      })
      socket.on('message', (data: RawData, isBinary: boolean) => heard.push(`raw ${data} ${isBinary}`))
      socket.on('message', (data: Buffer) => heard.push(`buffer ${data.length}`))
      socket.on('mine', (text: string) => heard.push(text))
      socket.addEventListener('message', (event) => heard.push(`event ${event.data}`))
      socket.onmessage = ({ data, target }) => target.send(`${heard.length} ${data}`)
      socket.emit('mine', 'own')
      socket.send('sent', (error?: Error) => heard.push(`sent ${error?.message}`))
      socket.ping('', false, (_error: Error) => {})
    })
    const socket = await connect(app)
    socket.send('hi')
    expect([await socket.next(), await socket.next()]).toEqual(['sent', '6 hi'])
    expect(heard).toEqual(['own', 'sent undefined', 'data hi', 'raw hi false', 'buffer 2', 'event hi'])
  })
})
