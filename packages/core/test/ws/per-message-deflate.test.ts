import { describe, expect, it } from 'vitest'
import { agreedCodec, PerMessageDeflate } from '../../src/ws/per-message-deflate.ts'
import { agreedDeflate as ends } from '../support/agreed-deflate.ts'

type Options = ConstructorParameters<typeof PerMessageDeflate>[0]

const NAME = PerMessageDeflate.extensionName

function run(deflate: PerMessageDeflate, way: 'compress' | 'decompress', data: Buffer, fin = true) {
  return new Promise<Buffer>((resolve, reject) => {
    deflate[way](data, fin, (error, result) => (error ? reject(error) : resolve(result as Buffer)))
  })
}

describe('PerMessageDeflate', () => {
  it('has the name of the extension', () => {
    expect(NAME).toBe('permessage-deflate')
  })

  it.each<[Options, object]>([
    [undefined, { client_max_window_bits: true }],
    [{ clientMaxWindowBits: false }, {}],
    [
      {
        serverNoContextTakeover: true,
        clientNoContextTakeover: true,
        serverMaxWindowBits: 10,
        clientMaxWindowBits: 11,
      },
      {
        server_no_context_takeover: true,
        client_no_context_takeover: true,
        server_max_window_bits: 10,
        client_max_window_bits: 11,
      },
    ],
  ])('of %j offers %j', (options, offer) => {
    expect(new PerMessageDeflate(options).offer()).toEqual(offer)
  })

  it('knows as params what was agreed on', () => {
    expect(new PerMessageDeflate().params).toBeNull()
    const { client, server } = ends({}, { serverNoContextTakeover: true, clientMaxWindowBits: 9 })
    const agreed = { server_no_context_takeover: true, client_max_window_bits: 9 }
    expect([client.params, server.params]).toEqual([agreed, agreed])
  })

  it('accepts no offer that it cannot serve, and no answer to what it did not ask', () => {
    const server = new PerMessageDeflate({ isServer: true, clientMaxWindowBits: 9 })
    expect(() => server.accept([{}])).toThrow('None of the extension offers can be accepted')
    const client = new PerMessageDeflate({ clientMaxWindowBits: false })
    expect(() => client.accept([{ client_max_window_bits: ['9'] }])).toThrow(Error)
  })

  it('compresses for the other end, in fragments and with the messages before', async () => {
    const { client, server } = ends()
    const text = Buffer.from('Hello, hello, hello')
    const first = await run(client, 'compress', text)
    const second = await run(client, 'compress', text)
    expect(second.length).toBeLessThan(first.length)
    expect(await run(server, 'decompress', first)).toEqual(text)
    const parts = [await run(server, 'decompress', second.subarray(0, 2), false)]
    parts.push(await run(server, 'decompress', second.subarray(2)))
    expect(Buffer.concat(parts)).toEqual(text)
    client.cleanup()
    server.cleanup()
  })

  it('calls back with what is corrupt, too long, or not agreed on', async () => {
    const { server } = ends({}, { maxPayload: 10 })
    await expect(run(server, 'decompress', Buffer.from('22faec78', 'hex'))).rejects.toMatchObject({
      code: 'Z_DATA_ERROR',
      errno: -3,
    })
    const { client, server: other } = ends({}, { maxPayload: 10 })
    const long = await run(client, 'compress', Buffer.alloc(11))
    await expect(run(other, 'decompress', long)).rejects.toMatchObject({
      code: 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH',
    })
    await expect(run(new PerMessageDeflate(), 'compress', long)).rejects.toThrow('call accept() first')
    for (const end of [client, server, other]) end.cleanup()
  })

  it('can be cleaned up in the middle of a message, and before any', async () => {
    const { server } = ends()
    await run(server, 'decompress', Buffer.from('f248', 'hex'), false)
    server.cleanup()
    expect(() => new PerMessageDeflate().cleanup()).not.toThrow()
  })

  it('serves a Receiver and a Sender, once it has agreed, and there is nothing to serve without one', () => {
    const { client } = ends()
    const codec = agreedCodec({ 'permessage-deflate': client })
    expect(codec?.deflater.deflate(Buffer.from('Hello')).toString('hex')).toBe('f248cdc9c90700')
    expect([agreedCodec(), agreedCodec({})]).toEqual([undefined, undefined])
    expect(() => agreedCodec({ 'permessage-deflate': new PerMessageDeflate() })).toThrow(
      'call accept() first',
    )
    client.cleanup()
  })
})
