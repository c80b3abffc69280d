import { type EventEmitter, once } from 'node:events'
import { Logger } from '@nestjs/common'
import { ConnectedSocket, SubscribeMessage, WebSocketGateway, WebSocketServer } from '@nestjs/websockets'
import type { WebSocket } from '@upwire/core'
import { type GatewayServer, injectWS } from '@upwire/nest'
import { watchProcess } from '@upwire/testkit'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { createApp, PLATFORMS } from './harness.ts'

const seen: unknown[] = []

@WebSocketGateway({ path: '/rooms/:room' })
class RoomGateway {
  @WebSocketServer() server!: GatewayServer

  afterInit(server: GatewayServer) {
    server.on('connection', (socket, request) => seen.push(socket, request.url))
  }

  handleConnection(socket: WebSocket) {
    socket.subscribe(String(socket.params.room))
  }

  @SubscribeMessage('say')
  say(@ConnectedSocket() socket: WebSocket) {
    this.server.publish(String(socket.params.room), { event: 'said', data: 1 })
    this.server.publish(String(socket.params.room), 'as text')
    this.server.publish(String(socket.params.room), Buffer.of(7))
  }
}

@WebSocketGateway({ path: '/admin' })
class AdminGateway {
  @WebSocketServer() server!: GatewayServer
}

describe('what @WebSocketServer() gives', () => {
  const open = async () => createApp(PLATFORMS[0].createPlatform, { gateways: [RoomGateway, AdminGateway] })

  it('publishes to who has subscribed: objects by the codec, text and bytes as they are', async () => {
    const app = await open()
    const [ada, grace, other] = [
      await injectWS(app, '/rooms/blue'),
      await injectWS(app, '/rooms/blue'),
      await injectWS(app, '/rooms/red'),
    ]
    ada.send('{"event":"say"}')
    for (const client of [ada, grace]) {
      expect(await client.next()).toBe('{"event":"said","data":1}')
      expect(await client.next()).toBe('as text')
      expect(await client.next()).toEqual(Buffer.of(7))
    }
    other.send('{"event":"nothing"}')
    expect(await other.next()).toContain('exception')
  })

  it('reaches the topics of other gateways', async () => {
    const app = await open()
    const client = await injectWS(app, '/rooms/blue')
    expect(app.get(AdminGateway).server.publish('blue', { event: 'closing' })).toBe(1)
    expect(await client.next()).toBe('{"event":"closing"}')
  })

  it('has the connections of its own path', async () => {
    const app = await open()
    const client = await injectWS(app, '/rooms/blue')
    const { server } = app.get(RoomGateway)
    expect([server.path, server.clients.size, app.get(AdminGateway).server.clients.size]).toEqual([
      '/rooms/:room',
      1,
      0,
    ])
    const closed = new Promise((resolve) => client.once('close', resolve))
    client.close()
    await closed
    expect(server.clients.size).toBe(0)
  })

  it('tells of connections', async () => {
    seen.length = 0
    const app = await open()
    await injectWS(app, '/rooms/blue?x=1')
    expect(seen).toEqual([...app.get(RoomGateway).server.clients, '/rooms/blue?x=1'])
  })

  it('may have listeners that reject, which ends a connection and nothing else', async () => {
    const watch = watchProcess()
    onTestFinished(() => watch.stop())
    const app = await (await open()).init()
    const { server } = app.get(AdminGateway)
    server.on('connection', async () => {
      throw new Error('no database')
    })
    const client = await injectWS(app, '/admin')
    expect(await client.next()).toContain('"event":"exception"')
    expect((await once(client, 'close'))[0]).toBe(1011)
    await watch.expectNone()
  })

  it('may have events of the program, whose rejections are logged', async () => {
    const error = vi.spyOn(Logger.prototype, 'error').mockImplementation(() => {})
    onTestFinished(() => error.mockRestore())
    const { server } = (await (await open()).init()).get(AdminGateway)
    const fault = new Error('of the program')
    const emitter = server as unknown as EventEmitter
    emitter.on('mine', () => Promise.reject(fault))
    emitter.emit('mine')
    await new Promise((resolve) => setImmediate(resolve))
    expect(error.mock.calls).toEqual([[fault]])
  })
})
