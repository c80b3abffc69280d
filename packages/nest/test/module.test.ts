import { Module } from '@nestjs/common'
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets'
import { injectWS, type UpwireAdapterOptions, UpwireModule } from '@upwire/nest'
import { describe, expect, it } from 'vitest'
import { createApp, PLATFORMS } from './harness.ts'

@WebSocketGateway()
class EchoGateway {
  @SubscribeMessage('echo')
  echo(_socket: unknown, data: unknown) {
    return data
  }
}

/** As the ConfigService of @nestjs/config. */
class Config {
  get(name: string): number {
    return { MAX_PAYLOAD: 20 }[name] ?? 0
  }
}

@Module({ providers: [Config], exports: [Config] })
class ConfigModule {}

const [{ createPlatform }] = PLATFORMS

/** The close code of a connection that has sent 30 bytes. */
async function closeCode(module: ReturnType<typeof UpwireModule.forRoot>, adapter?: UpwireAdapterOptions) {
  const app = await createApp(createPlatform, { gateways: [EchoGateway], imports: [module], adapter })
  const client = await injectWS(app, '/')
  const closed = new Promise((resolve) => client.once('close', resolve))
  client.send('x'.repeat(30))
  client.close(4000)
  return closed
}

describe('UpwireModule', () => {
  it('gives the adapter its options', async () => {
    expect(await closeCode(UpwireModule.forRoot({ maxPayload: 20 }))).toBe(1009)
    expect(await closeCode(UpwireModule.forRoot({}))).toBe(4000)
  })

  it('makes them of what is injected', async () => {
    const module = UpwireModule.forRootAsync({
      imports: [ConfigModule],
      inject: [Config],
      useFactory: async (config: Config) => ({ maxPayload: config.get('MAX_PAYLOAD') }),
    })
    expect(await closeCode(module)).toBe(1009)
  })

  it('comes after what the adapter itself was given', async () => {
    expect(await closeCode(UpwireModule.forRoot({ maxPayload: 20 }), { maxPayload: 50 })).toBe(4000)
  })
})
