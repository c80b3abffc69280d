import { once } from 'node:events'
import { describe, expect, it, onTestFinished } from 'vitest'
import { WebSocket as WsWebSocket } from 'ws'
import { WebSocket as OurWebSocket } from '../../src/websocket/websocket.ts'
import type { ClientOptions } from '../../src/ws/types.ts'
import { WebSocket } from '../../src/ws/websocket.ts'
import { served, uncaught } from './served.ts'

async function opened(url: string, options?: ClientOptions): Promise<WebSocket> {
  const client = new WebSocket(url, options)
  onTestFinished(() => client.terminate())
  await once(client, 'open')
  return client
}

describe('the WebSocket of ws', () => {
  it('is ours', () => {
    expect(new WebSocket(null)).toBeInstanceOf(OurWebSocket)
  })

  it.each([
    ['class', WebSocket, WsWebSocket],
    ['prototype', WebSocket.prototype, WsWebSocket.prototype],
  ])('has its enumerable properties on the %s itself', (_, ours, theirs) => {
    const described = (object: object) =>
      Object.entries(Object.getOwnPropertyDescriptors(object))
        .filter(([, { enumerable, value }]) => enumerable && typeof value !== 'function')
        .map(([name, { get, set, ...others }]) => [name, { ...others, get: !!get, set: !!set }])
    expect(described(ours)).toEqual(expect.arrayContaining(described(theirs)))
  })

  it.each<[string, unknown[]]>([
    ['third', [undefined, { headers: { 'x-test': '1' } }]],
    ['second', [{ headers: { 'x-test': '1' } }]],
  ])('takes options %s', async (_, rest) => {
    const { server, url } = await served()
    const connected = once(server, 'connection')
    await once(new WebSocket(url, ...(rest as [])), 'open')
    const [, request] = await connected
    expect(request.headers['x-test']).toBe('1')
  })

  it('offers permessage-deflate', async () => {
    const { server, url } = await served({ perMessageDeflate: true })
    const connected = once(server, 'connection')
    const client = await opened(url)
    const [, request] = await connected
    expect(request.headers['sec-websocket-extensions']).toBe('permessage-deflate; client_max_window_bits')
    expect(client.extensions).toBe('permessage-deflate')
  })

  it('takes messages above 1 MiB', async () => {
    const { server, url } = await served()
    server.on('connection', (socket) => socket.send(Buffer.alloc(2 ** 20 + 1)))
    const [data] = await once(new WebSocket(url), 'message')
    expect(data).toHaveLength(2 ** 20 + 1)
  })

  it('makes an uncaught exception of what a listener throws, and closes with 1011', async () => {
    const { server, url } = await served()
    const fault = new Error('a bug')
    const closed = new Promise((resolve) => {
      server.on('connection', (socket) => socket.on('close', resolve).send('hi'))
    })
    const error = await uncaught('uncaughtException', () => {
      new WebSocket(url).on('message', () => {
        throw fault
      })
    })
    expect(error).toBe(fault)
    expect(await closed).toBe(1011)
  })

  it('makes an unhandled rejection of what an async listener rejects with, and goes on', async () => {
    const { server, url } = await served()
    server.on('connection', (socket) => socket.on('message', (data) => socket.send(data)))
    const client = await opened(url)
    const fault = new Error('a bug')
    const error = await uncaught('unhandledRejection', () => {
      const fail: () => unknown = () => Promise.reject(fault)
      client.once('message', fail)
      client.send('one')
    })
    expect(error).toBe(fault)
    client.send('two')
    expect(String((await once(client, 'message'))[0])).toBe('two')
  })
})
