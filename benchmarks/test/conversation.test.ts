import { once } from 'node:events'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { converse, ofLength, tryExchange } from '../load/conversation.ts'
import { binary, clientFrame, serverFrame } from '../load/frames.ts'
import { RawClient } from '../load/raw-client.ts'

const payload = Buffer.from('0007', 'hex')
const reversed = Buffer.from('0700', 'hex')

describe('a conversation', () => {
  let server: Server
  let client: RawClient
  let respond: (bytes: Buffer) => Buffer

  beforeEach(async () => {
    server = createServer((stream) => {
      stream.once('data', () => {
        stream.write('HTTP/1.1 101 Switching Protocols\r\n\r\n')
        stream.on('data', (bytes) => stream.write(respond(bytes)))
      })
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    client = await RawClient.open((server.address() as AddressInfo).port)
  })

  afterEach(async () => {
    client.destroy()
    await client.closed
    server.close()
    await once(server, 'close')
  })

  it('accepts the same bytes as an echo', async () => {
    respond = (bytes) => bytes
    expect(await tryExchange(client, binary, payload)).toEqual({
      message: clientFrame(binary, payload),
      replyBytes: 8,
    })
  })

  it('accepts the same message, unmasked, as an echo', async () => {
    respond = () => serverFrame(binary, payload)
    expect(await tryExchange(client, binary, payload)).toEqual({
      message: clientFrame(binary, payload),
      replyBytes: 4,
    })
  })

  it('fails when something else comes back', async () => {
    respond = () => Buffer.concat([serverFrame(binary, reversed), serverFrame(binary, reversed)])
    await expect(tryExchange(client, binary, payload)).rejects.toThrow('no echo')
  })

  it('counts whole bursts, and one at least', async () => {
    let receivedBytes = 0
    respond = (bytes) => {
      receivedBytes += bytes.length
      return bytes
    }
    const nextBurst = () =>
      Buffer.concat([
        clientFrame(binary, payload),
        clientFrame(binary, payload),
        clientFrame(binary, payload),
      ])
    const deadline = performance.now() + 5
    const messages = await converse(client, { nextBurst, inFlight: 3, countReplies: ofLength(8), deadline })
    expect(messages).toBeGreaterThanOrEqual(3)
    expect(messages * 8).toBe(receivedBytes)
  })

  it('fails when the connection ends', async () => {
    respond = () => {
      client.destroy()
      return Buffer.alloc(0)
    }
    const deadline = performance.now() + 5
    const nextBurst = () => clientFrame(binary, payload)
    const ended = converse(client, { nextBurst, inFlight: 1, countReplies: ofLength(8), deadline })
    await expect(ended).rejects.toThrow('the connection ended')
  })
})
