import { once } from 'node:events'
import { binary, ping, rawUpgrade } from '@upwire/testkit'
import { describe, expect, it } from 'vitest'
import { WebSocket } from '../../src/ws/websocket.ts'
import { WebSocketServer } from '../../src/ws/websocket-server.ts'
import { served, uncaught } from './served.ts'

describe('the WebSocketServer of ws', () => {
  it('wants options', () => {
    expect(() => new WebSocketServer()).toThrow(
      new TypeError('One and only one of the "port", "server", or "noServer" options must be specified'),
    )
  })

  it('makes its sockets of the WebSocket of ws, or of a class derived from it', async () => {
    class Chatter extends WebSocket {}
    for (const [options, Expected] of [
      [{}, WebSocket] as const,
      [{ WebSocket: Chatter }, Chatter] as const,
    ]) {
      const { server } = await served(options)
      const connected = once(server, 'connection')
      await rawUpgrade(server)
      const [socket] = await connected
      expect(socket).toBeInstanceOf(Expected)
      expect([...server.clients]).toEqual([socket])
    }
  })

  it('lets in the pages of every origin', async () => {
    const { server } = await served()
    const client = await rawUpgrade(server, { headers: { origin: 'https://elsewhere.example' } })
    expect(client.status).toBe(101)
  })

  it('keeps its options, with the defaults of ws', async () => {
    const handleProtocols = () => false as const
    const { server } = await served({ handleProtocols })
    expect(server.options).toMatchObject({ handleProtocols, maxPayload: 104_857_600, WebSocket })
  })

  it('speaks permessage-deflate when asked, in the words of ws', async () => {
    const { server } = await served({ perMessageDeflate: { clientMaxWindowBits: 8, concurrencyLimit: 1 } })
    const headers = { 'sec-websocket-extensions': 'permessage-deflate; client_max_window_bits' }
    const client = await rawUpgrade(server, { headers })
    expect(client.headers.get('sec-websocket-extensions')).toEqual([
      'permessage-deflate; client_max_window_bits=8',
    ])
  })

  it('goes on reading for a program that never listens for messages', async () => {
    const { server } = await served()
    const messages = Array.from({ length: 20 }, () => binary(Buffer.alloc(8 * 1024)))
    const client = await rawUpgrade(server, { after: Buffer.concat([...messages, ping('still there?')]) })
    expect(await client.nextFrame()).toMatchObject({ opcode: 0xa, payload: Buffer.from('still there?') })
  })

  it('makes an uncaught exception of what a connection listener throws, and closes with 1011', async () => {
    const { server } = await served()
    const fault = new Error('a bug')
    server.on('connection', () => {
      throw fault
    })
    let upgrading: ReturnType<typeof rawUpgrade> | undefined
    const error = await uncaught('uncaughtException', () => {
      upgrading = rawUpgrade(server)
    })
    expect(error).toBe(fault)
    expect((await (await upgrading)?.nextClose())?.code).toBe(1011)
  })
})
