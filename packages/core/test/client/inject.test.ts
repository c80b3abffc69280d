import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { expectNoHandles, openHandles, watchEachTest } from '@upwire/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { InjectedSocket, inject, RefusedInjection } from '../../src/client/inject.ts'
import { UpgradeRejection } from '../../src/routing/upgrade-rejection.ts'
import { UpgradeRouter } from '../../src/server/upgrade-router.ts'
import { ReadyState } from '../../src/websocket/ready-state.ts'
import { TLS } from '../server/servers.ts'

watchEachTest()

let before: ReturnType<typeof openHandles>
beforeEach(() => {
  before = openHandles()
})
afterEach(() => expectNoHandles(before))

function serve(server: Server = createServer()): { server: Server; router: UpgradeRouter } {
  const router = new UpgradeRouter()
  router.attach(server)
  return { server, router }
}

describe('inject()', () => {
  it.each([
    ['an http server', () => createServer()],
    ['an https server', () => createSecureServer(TLS) as unknown as Server],
  ])('connects to %s that does not listen', async (_kind, create) => {
    const { server, router } = serve(create())
    router.ws('/rooms/:room', (socket, request) => {
      socket.send(`${request.params.room} ${request.headers['x-user']} ${request.url}`)
    })
    const socket = await inject(server, '/rooms/7?a=1', { headers: { 'X-User': 'ann' } })
    expect(await socket.next()).toBe('7 ann /rooms/7?a=1')
    socket.close()
    await once(socket, 'close')
    expect(router.clients.size).toBe(0)
  })

  it('gives messages one by one, in order, text as a string and binary as a Buffer', async () => {
    const { server, router } = serve()
    router.ws('/', (socket) => {
      socket.send('one')
      socket.send(Buffer.from([2]))
      socket.on('message', (data) => socket.send(`echo ${data}`))
    })
    const socket = await inject(server, '/')
    expect(await socket.next()).toBe('one')
    expect(await socket.next()).toEqual(Buffer.from([2]))
    const both = Promise.all([socket.next(), socket.next()])
    socket.send('three')
    socket.send('four')
    expect(await both).toEqual(['echo three', 'echo four'])
    socket.terminate()
  })

  it('carries a message that is larger than what a stream holds', async () => {
    const { server, router } = serve()
    router.ws('/', { message: (socket, data) => void socket.send(data) })
    const socket = await inject(server, '/')
    const large = 'x'.repeat(300_000)
    socket.send(large)
    expect(await socket.next()).toBe(large)
    socket.terminate()
  })

  it('rejects next() when the connection closes without a message', async () => {
    const { server, router } = serve()
    router.ws('/', (socket) => socket.close(1008, 'no'))
    const socket = await inject(server, '/')
    const message = 'There is no further message: the connection has closed with 1008 no'
    await expect(socket.next()).rejects.toThrow(message)
    await expect(socket.next()).rejects.toThrow(message)
  })

  it('rejects with the whole response when the handshake is refused', async () => {
    const { server, router } = serve()
    router.ws('/', {
      upgrade: () =>
        new UpgradeRejection(401, { headers: { 'X-Why': 'token' }, body: '{"error":"sign in"}' }),
    })
    const refused = await inject(server, '/').catch((error) => error)
    expect(refused).toBeInstanceOf(RefusedInjection)
    expect(refused).toMatchObject({
      name: 'Error',
      message: 'Unexpected server response: 401',
      code: 'UPWIRE_UNEXPECTED_RESPONSE',
      status: 401,
    })
    const { response } = refused
    expect(response).toMatchObject({ statusCode: 401, statusMessage: 'Unauthorized' })
    expect(response.headers['x-why']).toBe('token')
    expect(response.payload).toBe('{"error":"sign in"}')
    expect(response.body).toBe(response.payload)
    expect(response.rawPayload).toEqual(Buffer.from(response.payload))
    expect(response.json()).toEqual({ error: 'sign in' })
  })

  it('rejects when nobody upgrades', async () => {
    const server = createServer((_request, response) => response.end('a page'))
    const refused = await inject(server, '/').catch((error) => error)
    expect(refused.message).toBe('Unexpected server response: 200')
    expect(refused.response.payload).toBe('a page')
  })

  it('lets a test look at the request that the server has read', async () => {
    const { server, router } = serve()
    router.ws('/', (socket, request) => {
      socket.send(`${Reflect.get(request, 'session')} ${request.socket.remoteAddress}`)
    })
    const socket = await inject(server, '/', {
      remoteAddress: '203.0.113.9',
      onRequest: (request) => Object.assign(request, { session: 'ann' }),
    })
    expect(await socket.next()).toBe('ann 203.0.113.9')
    expect(server.listenerCount('upgrade')).toBe(1)
    expect(server.listenerCount('request')).toBe(0)
    socket.terminate()
  })

  it('leaves the emit of a server as it was, and one that was put over it meanwhile', async () => {
    const { server, router } = serve()
    router.ws('/', () => {})
    const patchEmit = () => {
      const { emit } = server
      const patched = (event: string, ...args: unknown[]) => Reflect.apply(emit, server, [event, ...args])
      server.emit = patched
      return patched
    }
    const before = patchEmit()
    const requests: unknown[] = []
    const options = { onRequest: (request: unknown) => void requests.push(request) }
    const open = async () => (await inject(server, '/', options)).terminate()
    await Promise.all([open(), open()])
    expect({ isAsBefore: server.emit === before, requests: requests.length }).toEqual({
      isAsBefore: true,
      requests: 2,
    })
    const opening = open()
    const meanwhile = patchEmit()
    await opening
    await open()
    expect({ isTheirs: server.emit === meanwhile, requests: requests.length }).toEqual({
      isTheirs: true,
      requests: 4,
    })
  })

  it('tells of the socket before it connects, and when it is open', async () => {
    const { server, router } = serve()
    router.ws('/', () => {})
    const seen: [string, InjectedSocket][] = []
    const socket = await inject(server, '/', {
      onInit: (early) => seen.push([`init ${early.readyState}`, early]),
      onOpen: (open) => seen.push([`open ${open.readyState}`, open]),
    })
    expect(seen).toEqual([
      [`init ${ReadyState.CONNECTING}`, socket],
      [`open ${ReadyState.OPEN}`, socket],
    ])
    socket.terminate()
  })

  it('does not mind what a server does to the sockets of its connections', async () => {
    const { server, router } = serve()
    router.ws('/', (socket, request) => {
      request.setTimeout(50)
      request.socket.setNoDelay().setKeepAlive().unref().ref()
      socket.send('done')
    })
    const socket = await inject(server, '/')
    expect(await socket.next()).toBe('done')
    socket.terminate()
  })
})

describe('an injected socket', () => {
  it('can be made without waiting for it', async () => {
    const { server, router } = serve()
    router.ws('/', (socket) => socket.send('hello'))
    const socket = new InjectedSocket(server, '/')
    await once(socket, 'open')
    expect(await socket.next()).toBe('hello')
    socket.terminate()
  })
})
