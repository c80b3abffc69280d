import { once } from 'node:events'
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets'
import type { WebSocket as ServerSocket } from '@upwire/core'
import { type GatewayOptions, injectWS } from '@upwire/nest'
import { expectNoHandles, openHandles } from '@upwire/testkit'
import { describe, expect, it } from 'vitest'
import { createApp, freePort, listen, openAt, openClient, PLATFORMS, serverOf } from './harness.ts'

describe.each(PLATFORMS)('a path with gateways, on $platform', ({ createPlatform }) => {
  it('makes socket.data of the option data, or of the user of the request', async () => {
    const data: unknown[] = []
    @WebSocketGateway<GatewayOptions>({ path: '/made', data: (request) => request.url })
    class MadeGateway {
      handleConnection(socket: ServerSocket) {
        data.push(socket.data)
      }
    }
    @WebSocketGateway({ path: '/found' })
    class FoundGateway {
      handleConnection(socket: ServerSocket) {
        data.push(socket.data)
      }
    }
    const app = await createApp(createPlatform, {
      gateways: [MadeGateway, FoundGateway],
      prepare: (app) =>
        app.use((request: { user?: unknown }, _response: unknown, next: () => void) => {
          request.user = { name: 'Ada' }
          next()
        }),
    })
    await injectWS(app, '/made')
    await injectWS(app, '/found')
    expect(data).toEqual(['/made', { name: 'Ada' }])
  })

  it('leaves no handle when the application closes', async () => {
    const before = openHandles()
    const port = await freePort()
    @WebSocketGateway(port)
    class OwnPortGateway {
      @SubscribeMessage('any')
      any() {}
    }
    @WebSocketGateway()
    class SharedGateway {}
    const app = await listen(createPlatform, { gateways: [OwnPortGateway, SharedGateway] })
    const clients = [await openAt(port), await openClient(app)]
    const codes = Promise.all(clients.map(async (client) => (await once(client, 'close'))[0]))
    await app.close()
    expect(await codes).toEqual([1001, 1001])
    await expectNoHandles(before)
  })

  it('is closed once: whoever waits for it knows when its gateways have finished', async () => {
    const path = (path: string) => {
      @WebSocketGateway({ path })
      class SavingGateway {
        async handleDisconnect() {
          await new Promise((resolve) => setImmediate(resolve))
        }
      }
      return SavingGateway
    }
    const before = openHandles()
    const app = await listen(createPlatform, {
      gateways: [path('/a'), path('a')],
      adapter: { shutdown: { deadline: 60_000 } },
    })
    const client = await openClient(app, '/a')
    const closed = once(client, 'close')
    serverOf(app).close()
    await app.close()
    await closed
    await expectNoHandles(before)
  })

  it('closes as the option shutdown says, also when the server is closed by itself', async () => {
    @WebSocketGateway()
    class SharedGateway {}
    const app = await listen(createPlatform, {
      gateways: [SharedGateway],
      adapter: { shutdown: { code: 1012, reason: 'restart' } },
    })
    const client = await openClient(app)
    const closed = once(client, 'close')
    serverOf(app).close()
    const [code, reason] = await closed
    expect([code, String(reason)]).toEqual([1012, 'restart'])
  })

  it('refuses with 503 while the application closes', async () => {
    @WebSocketGateway()
    class StuckGateway {
      async handleDisconnect() {
        await once(process, 'let-go')
      }
    }
    const app = await createApp(createPlatform, { gateways: [StuckGateway] })
    const client = await injectWS(app, '/')
    const closed = new Promise((resolve) => client.once('close', resolve))
    const closing = app.close()
    await closed
    await expect(injectWS(app, '/')).rejects.toMatchObject({ status: 503 })
    process.emit('let-go' as 'exit', 0)
    await closing
  })
})
