import { describe, expect, it } from 'vitest'
import { createApp } from './harness.ts'

describe('injectWS()', () => {
  it('makes the application ready, and connects to / without a port', async () => {
    const app = await createApp()
    app.get('/', { websocket: true }, (socket) => socket.send('hi'))
    const socket = await app.injectWS()
    expect(await socket.next()).toBe('hi')
    socket.terminate()
  })

  it('sends headers, and sets other properties on the raw request', async () => {
    const app = await createApp()
    app.get('/', { websocket: true }, (socket, request) => {
      socket.send(`${request.headers['api-key']} ${Reflect.get(request.raw, 'tenant')} ${request.ip}`)
    })
    const context = { headers: { 'api-key': 'k' }, tenant: 't' }
    const socket = await app.injectWS('/', context)
    expect(await socket.next()).toBe('k t 127.0.0.1')
    socket.terminate()
  })

  it('tells of the socket before it connects and when it is open', async () => {
    const app = await createApp()
    app.get('/', { websocket: true }, () => {})
    const order: string[] = []
    const socket = await app.injectWS(
      '/',
      {},
      { onInit: () => void order.push('init'), onOpen: () => void order.push('open') },
    )
    expect(order).toEqual(['init', 'open'])
    socket.terminate()
  })

  it('rejects with the response of a refusal', async () => {
    const app = await createApp()
    app.addHook('preValidation', async (_request, reply) => reply.code(401).send({ error: 'sign in' }))
    app.get('/', { websocket: true }, () => {})
    await expect(app.injectWS('/')).rejects.toMatchObject({
      message: 'Unexpected server response: 401',
      response: { statusCode: 401, payload: '{"error":"sign in"}' },
    })
  })

  it('opens and refuses many at a time', async () => {
    const app = await createApp()
    app.get('/', { websocket: true }, (socket) => socket.send('hi'))
    app.get('/http', async () => 'http')
    const paths = ['/nowhere', '/http', ...Array.from({ length: 12 }, () => '/')]
    const outcomes = await Promise.all(
      paths.map((path) =>
        app.injectWS(path).then(
          (socket) => socket.next().finally(() => socket.terminate()),
          ({ message }) => message,
        ),
      ),
    )
    const refusal = 'Unexpected server response: 404'
    expect(outcomes).toEqual([refusal, refusal, ...Array.from({ length: 12 }, () => 'hi')])
    expect(Object.hasOwn(app.server, 'emit')).toBe(false)
  })
})
