import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets'
import { injectWS, UseUpgradeGuards } from '@upwire/nest'
import { describe, expect, it } from 'vitest'
import { createApp, createTestingApp, openClient, PLATFORMS, serverOf } from './harness.ts'

@WebSocketGateway({ path: '/rooms/:id' })
class RoomGateway {
  @SubscribeMessage('hello')
  hello(_socket: unknown, name: string) {
    return `Hello, ${name}`
  }
}

@UseUpgradeGuards({ canActivate: (context) => context.switchToHttp().getRequest().headers.token === 'ada' })
@WebSocketGateway({ path: '/guarded' })
class GuardedGateway {}

describe.each(PLATFORMS)('injectWS on $platform', ({ createPlatform }) => {
  const create = () => createApp(createPlatform, { gateways: [RoomGateway, GuardedGateway] })

  it('opens a connection to an application that listens nowhere', async () => {
    const app = await create()
    const client = await injectWS(app, '/rooms/1')
    client.send('{"event":"hello","data":"Ada"}')
    expect(await client.next()).toBe('"Hello, Ada"')
    expect(serverOf(app).listening).toBe(false)
  })

  it('goes through the guards, with the headers it is given', async () => {
    const app = await create()
    const client = await injectWS(app, '/guarded', { headers: { token: 'ada' } })
    expect(client.readyState).toBe(client.OPEN)
    await expect(injectWS(app, '/guarded')).rejects.toMatchObject({
      status: 403,
      response: { body: expect.stringContaining('Forbidden resource') },
    })
  })

  it('takes a path without a slash in front', async () => {
    const client = await injectWS(await create(), 'rooms/1?x=1')
    expect(client.readyState).toBe(client.OPEN)
    await expect(injectWS(await create(), 'nowhere')).rejects.toMatchObject({ status: 404 })
  })

  it('may come before the application listens, and at any time after', async () => {
    const app = await create()
    await injectWS(app, '/rooms/1')
    await app.listen(0, '127.0.0.1')
    await openClient(app, '/rooms/2')
    expect((await injectWS(app, '/rooms/3')).readyState).toBe(1)
  })

  it('says what an application lacks', async () => {
    const app = await createTestingApp(createPlatform(), { gateways: [RoomGateway] })
    await expect(injectWS(app, '/rooms/1')).rejects.toThrow('app.useWebSocketAdapter(new UpwireAdapter(app))')
    await expect(injectWS(await createApp(createPlatform, {}), '/')).rejects.toThrow(
      'an application with gateways',
    )
  })

  it('leaves nothing when the application closes', async () => {
    const app = await create()
    const client = await injectWS(app, '/rooms/1')
    const closed = new Promise((resolve) => client.once('close', resolve))
    await app.close()
    expect(await closed).toBe(1001)
    await app.close()
  })
})
