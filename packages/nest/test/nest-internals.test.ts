import { Module, VersioningType } from '@nestjs/common'
import { SubscribeMessage, WebSocketGateway, WebSocketServer } from '@nestjs/websockets'
import { describe, expect, it } from 'vitest'
import {
  findGateways,
  findProvided,
  gatewaysOf,
  globalPrefixOf,
  isInitialized,
  messageHandlers,
  versionPrefixOf,
} from '../src/nest-internals.ts'
import type { RegisteredGateway } from '../src/nest-types.ts'
import { createApp, PLATFORMS } from './harness.ts'

const [{ createPlatform }] = PLATFORMS

@WebSocketGateway(0, { path: '/first' })
class FirstGateway {
  @SubscribeMessage('one')
  one() {}

  helper() {}
}

@WebSocketGateway()
class SecondGateway extends FirstGateway {
  @WebSocketServer() server!: object

  @SubscribeMessage('two')
  two() {}
}

@Module({ providers: [{ provide: 'token', useValue: 7 }] })
class FarModule {}

describe('what is known of Nest', () => {
  it('is which gateways an application has, and what they take', async () => {
    const app = await createApp(createPlatform, { gateways: [FirstGateway, SecondGateway] })
    const gateways = findGateways(app)
    expect(gateways.map(({ metatype, port, options }) => [metatype, port, options])).toEqual([
      [FirstGateway, 0, { path: '/first' }],
      [SecondGateway, 0, {}],
    ])
    expect(gateways.map((gateway) => messageHandlers(gateway).map(({ message }) => message))).toEqual([
      ['one'],
      ['two', 'one'],
    ])
  })

  it('is that of two methods for one message the later takes it', () => {
    @WebSocketGateway()
    class TwiceGateway {
      @SubscribeMessage('same')
      first() {}

      @SubscribeMessage('same')
      second() {}
    }
    const gateway = { instance: new TwiceGateway() } as RegisteredGateway
    expect(messageHandlers(gateway).map(({ methodName }) => methodName)).toEqual(['second'])
  })

  it('is for which gateways a server was made', async () => {
    const app = await createApp(createPlatform, { gateways: [FirstGateway, SecondGateway] })
    await app.init()
    const { server } = app.get(SecondGateway)
    expect(gatewaysOf(app, server).map(({ metatype }) => metatype)).toEqual([SecondGateway])
    expect(gatewaysOf(app, {})).toEqual([])
  })

  it('is whether everything is registered', async () => {
    const app = await createApp(createPlatform, {})
    expect(isInitialized(app)).toBe(false)
    await app.init()
    expect(isInitialized(app)).toBe(true)
  })

  it('is what some module provides, whether it exports that or not', async () => {
    const app = await createApp(createPlatform, { imports: [FarModule] })
    expect(findProvided(app, 'token')).toBe(7)
    expect(findProvided(app, 'none')).toBeUndefined()
  })

  it('is what stands in front of paths', async () => {
    const app = await createApp(createPlatform, {})
    expect([globalPrefixOf(app), versionPrefixOf(app, '1')]).toEqual(['', ''])
    app.setGlobalPrefix('api')
    app.enableVersioning({ type: VersioningType.URI, prefix: 'version-' })
    expect([globalPrefixOf(app), versionPrefixOf(app, '1'), versionPrefixOf(app, undefined)]).toEqual([
      'api',
      'version-1',
      '',
    ])
  })
})
