import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets'
import { type GatewayOptions, injectWS } from '@upwire/nest'
import { messagePack } from '@upwire/nest/message-pack'
import { describe, expect, it } from 'vitest'
import { createApp, PLATFORMS } from './harness.ts'

@WebSocketGateway<GatewayOptions>({ codec: messagePack })
class PackedGateway {
  @SubscribeMessage('sum')
  sum(_socket: unknown, numbers: number[]) {
    return { event: 'sum', data: numbers.reduce((sum, number) => sum + number, 0) }
  }
}

const [{ createPlatform }] = PLATFORMS
const open = async () => injectWS(await createApp(createPlatform, { gateways: [PackedGateway] }), '/')

describe('messagePack', () => {
  it('reads and writes MessagePack, in binary messages', async () => {
    const client = await open()
    // { event: 'sum', data: [1, 2] } and { event: 'sum', data: 3 }
    client.send(Buffer.from('82a56576656e74a373756da464617461920102', 'hex'))
    expect(await client.next()).toEqual(Buffer.from('82a56576656e74a373756da46461746103', 'hex'))
  })

  it.each([
    ['text', '{"event":"sum"}', 'This gateway reads MessagePack, in binary messages'],
    ['bytes that are none', Buffer.from('c1', 'hex'), 'Unrecognized type byte: 0xc1'],
    ['a prototype', Buffer.from('81a95f5f70726f746f5f5f80', 'hex'), 'The key __proto__ is not allowed'],
  ])('answers %s with an exception', async (_what, message, reason) => {
    const client = await open()
    client.send(message)
    const answer = messagePack.decode((await client.next()) as Buffer, true)
    expect(answer).toMatchObject({ event: 'exception', data: { message: expect.stringContaining(reason) } })
  })
})
