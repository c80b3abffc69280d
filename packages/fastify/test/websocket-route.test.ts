import { describe, expect, it } from 'vitest'
import { connect, createApp } from './harness.ts'

/** Hooks of a class, with state that only its own instances have. */
class Room {
  readonly #said: string[] = []

  open(socket: { send(text: string): unknown }): void {
    socket.send(`${this.#said.length} messages`)
  }

  message(socket: { send(text: string): unknown }, data: unknown): void {
    this.#said.push(String(data))
    socket.send(`${this.#said.length} messages`)
  }
}

describe('a WebSocket route', () => {
  it('runs the hooks of a class on its instance', async () => {
    const app = await createApp()
    app.ws('/', new Room())
    const socket = await connect(app)
    expect(await socket.next()).toBe('0 messages')
    socket.send('hello')
    expect(await socket.next()).toBe('1 messages')
  })

  it('gives its stream hook messages while they arrive', async () => {
    const app = await createApp()
    app.ws('/', {
      async stream(socket, message) {
        socket.send(`streamed ${await message.text()}`)
      },
    })
    const socket = await connect(app)
    socket.send('hello')
    expect(await socket.next()).toBe('streamed hello')
  })

  it.each([
    ['its stream hook', {}, { stream() {} }],
    ['its option messages', { messages: 'streamed' }, () => {}],
  ] as const)('cannot check messages that are streamed by %s', async (_what, options, handler) => {
    const app = await createApp()
    const declare = () => app.ws('/', { ...options, schema: { message: {} } }, handler)
    expect(declare).toThrow('Messages that are streamed cannot be checked: leave schema.message out')
  })

  it.each(['ws', 'get'] as const)(
    'tells of a connection before the handler runs, by app.%s()',
    async (method) => {
      const app = await createApp()
      app.websocketServer.on('connection', (socket, request) => {
        socket.data = request.url
      })
      const handler = (socket: { data: unknown; send(text: string): unknown }) =>
        socket.send(String(socket.data))
      if (method === 'ws') app.ws('/a', handler)
      else app.get('/a', { websocket: true }, handler)
      expect(await (await connect(app, '/a')).next()).toBe('/a')
    },
  )

  it('gives functions among its options the request of Fastify', async () => {
    const app = await createApp()
    app.decorateRequest('tenant', 'acme')
    const tenantOf = (request: object) => String(Reflect.get(request, 'tenant'))
    app.ws(
      '/',
      {
        data: tenantOf,
        subprotocols: (offered, request) => offered.find((name) => name === tenantOf(request)),
      },
      (socket) => socket.send(`${socket.data} ${socket.protocol}`),
    )
    const socket = await app.injectWS('/', {}, { subprotocols: ['chat', 'acme'] })
    expect(await socket.next()).toBe('acme acme')
    socket.terminate()
  })

  it('chooses no subprotocol by itself, where it is given to ws()', async () => {
    const app = await createApp()
    app.ws('/', { subprotocols: ['chat.v1'] }, (socket) => socket.send(socket.protocol))
    const socket = await app.injectWS('/', {}, { subprotocols: ['chat.v2', 'chat.v1'] })
    expect(await socket.next()).toBe('chat.v1')
    socket.terminate()
  })
})
