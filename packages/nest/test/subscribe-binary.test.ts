import { MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets'
import { injectWS, SubscribeBinary } from '@upwire/nest'
import { describe, expect, it } from 'vitest'
import { createApp, PLATFORMS } from './harness.ts'

@WebSocketGateway()
class MixedGateway {
  @SubscribeBinary()
  bytes(@MessageBody() data: Buffer) {
    return Buffer.from(data).reverse()
  }

  @SubscribeMessage('text')
  text() {
    return { event: 'text' }
  }
}

const [{ createPlatform }] = PLATFORMS
const open = async () => injectWS(await createApp(createPlatform, { gateways: [MixedGateway] }), '/')

describe('SubscribeBinary', () => {
  it('takes binary messages, and sends bytes as they are', async () => {
    const client = await open()
    client.send(Buffer.of(1, 2, 3))
    expect(await client.next()).toEqual(Buffer.of(3, 2, 1))
  })

  it('leaves text to the handlers of events', async () => {
    const client = await open()
    client.send('{"event":"text"}')
    expect(await client.next()).toBe('{"event":"text"}')
  })

  it('has an event that no message can name', async () => {
    const client = await open()
    client.send('{"event":"binary","data":[1]}')
    expect(await client.next()).toContain('There is no handler for the event \\"binary\\"')
  })
})
