import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets'
import { type GatewayOptions, injectWS, rawCodec } from '@upwire/nest'
import { describe, expect, it } from 'vitest'
import { parseJson } from '../src/codec.ts'
import { createApp, PLATFORMS } from './harness.ts'

@WebSocketGateway<GatewayOptions>({ codec: rawCodec })
class RawGateway {
  @SubscribeMessage('text')
  text(_socket: unknown, text: string) {
    return text.toUpperCase()
  }

  @SubscribeMessage('binary')
  binary(_socket: unknown, bytes: Buffer) {
    return bytes.length > 1 ? bytes.subarray(1) : { length: bytes.length }
  }
}

describe('rawCodec', () => {
  it('gives handlers text and bytes, and sends what they return', async () => {
    const app = await createApp(PLATFORMS[0].createPlatform, { gateways: [RawGateway] })
    const client = await injectWS(app, '/')
    client.send('hello')
    expect(await client.next()).toBe('HELLO')
    client.send(Buffer.of(1, 2))
    expect(await client.next()).toEqual(Buffer.of(2))
    client.send(Buffer.of(1))
    expect(await client.next()).toBe('{"length":1}')
  })
})

describe('parseJson', () => {
  it('reads text and bytes', () => {
    expect(parseJson('{"event":"a","data":1}')).toEqual({ event: 'a', data: 1 })
    expect(parseJson(Buffer.from('{"event":"a"}'))).toEqual({ event: 'a' })
  })
})
