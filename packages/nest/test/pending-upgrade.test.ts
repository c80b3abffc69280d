import { WebSocketGateway } from '@nestjs/websockets'
import { UpgradeRejection } from '@upwire/core'
import { type GatewayOptions, UseUpgradeGuards } from '@upwire/nest'
import { describe, expect, it } from 'vitest'
import { connect, listen, PLATFORMS } from './harness.ts'

describe.each(PLATFORMS)('a handshake that is pending, on $platform', ({ createPlatform }) => {
  it('is refused with 503 when the application takes longer than handshakeTimeout', async () => {
    @UseUpgradeGuards({ canActivate: () => new Promise<boolean>(() => {}) })
    @WebSocketGateway<GatewayOptions>({ handshakeTimeout: 30 })
    class SlowGateway {}
    const app = await listen(createPlatform, { gateways: [SlowGateway] })
    expect((await connect(app)).status).toBe(503)
  })

  it('is refused to the letter with what the option data rejects with, with the headers of middleware', async () => {
    @WebSocketGateway<GatewayOptions>({
      data: async () => {
        throw new UpgradeRejection(402, { headers: { 'X-Price': '5' }, body: 'pay first' })
      },
    })
    class PaidGateway {}
    const app = await listen(createPlatform, {
      gateways: [PaidGateway],
      prepare: (app) =>
        app.use((_request: unknown, response: import('node:http').ServerResponse, next: () => void) => {
          response.setHeader('X-Shop', 'ours')
          next()
        }),
    })
    const client = await connect(app)
    expect([client.status, await client.body()]).toEqual([402, 'pay first'])
    expect([client.headers.get('x-price'), client.headers.get('x-shop')]).toEqual([['5'], ['ours']])
  })

  it('is answered by Nest when the option data fails', async () => {
    @WebSocketGateway<GatewayOptions>({
      data: () => {
        throw new Error('no store')
      },
    })
    class BrokenGateway {}
    const client = await connect(await listen(createPlatform, { gateways: [BrokenGateway] }))
    expect(client.status).toBe(500)
    expect(JSON.parse(await client.body())).toMatchObject({ message: 'Internal server error' })
  })

  it('is refused before any middleware when it is no good handshake', async () => {
    const seen: unknown[] = []
    @WebSocketGateway()
    class PlainGateway {}
    const app = await listen(createPlatform, {
      gateways: [PlainGateway],
      prepare: (app) =>
        app.use((request: unknown, _response: unknown, next: () => void) => {
          seen.push(request)
          next()
        }),
    })
    const client = await connect(app, { headers: { 'sec-websocket-version': '12' } })
    expect(client.status).toBe(426)
    expect(seen).toEqual([])
  })
})
