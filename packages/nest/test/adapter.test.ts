import { once } from 'node:events'
import { Controller, Get, type INestApplication, Module, type Type } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import {
  Ack,
  ConnectedSocket,
  MessageBody,
  SubscribeMessage,
  WebSocketGateway,
  WebSocketServer,
  WsException,
} from '@nestjs/websockets'
import type { WebSocket as ServerSocket } from '@upwire/core'
import { GatewayServer, UpwireAdapter } from '@upwire/nest'
import { listenerCounts, rawUpgrade } from '@upwire/testkit'
import { describe, expect, it, onTestFinished } from 'vitest'
import {
  ask,
  connect,
  createApp,
  freePort,
  listen,
  openAt,
  openClient,
  PLATFORMS,
  serverOf,
} from './harness.ts'

@WebSocketGateway()
class PushGateway {
  @WebSocketServer() server!: GatewayServer

  @SubscribeMessage('push')
  onPush(_client: ServerSocket, data: unknown) {
    return { event: 'pop', data }
  }
}

@WebSocketGateway({ path: '/decorated' })
class DecoratedGateway {
  @SubscribeMessage('body')
  body(@MessageBody() body: unknown, @ConnectedSocket() socket: ServerSocket) {
    return { event: 'body', data: { body, path: socket.params, isOpen: socket.readyState } }
  }

  @SubscribeMessage('part')
  part(@MessageBody('name') name: string) {
    return { event: 'part', data: name }
  }

  @SubscribeMessage('ack')
  acknowledge(@Ack() ack: unknown) {
    return { event: 'ack', data: typeof ack }
  }

  @SubscribeMessage('nothing')
  nothing() {}

  @SubscribeMessage('wrong')
  wrong() {
    throw new WsException('test')
  }

  @SubscribeMessage('later')
  async later() {
    throw new WsException({ code: 'LATER', why: 'it was async' })
  }
}

/** A gateway that answers `who` with its name. */
function namedGateway(name: string, portOrOptions: number | object = {}, options?: object): Type {
  const decorate =
    typeof portOrOptions === 'number'
      ? WebSocketGateway(portOrOptions, options)
      : WebSocketGateway(portOrOptions)

  @decorate
  class NamedGateway {
    @SubscribeMessage('who')
    who() {
      return { event: 'name', data: name }
    }
  }
  return NamedGateway
}

const who = { event: 'who' }

describe.each(PLATFORMS)('UpwireAdapter on $platform', ({ createPlatform }) => {
  const serve = (...gateways: Type[]): Promise<INestApplication> => listen(createPlatform, { gateways })

  it("answers a message with what the handler returns, in Nest's wire format", async () => {
    const app = await serve(PushGateway)
    const client = await openClient(app)
    expect(await ask(client, { event: 'push', data: { test: 'test' } })).toEqual({
      event: 'pop',
      data: { test: 'test' },
    })
  })

  it('gives handlers what their decorators ask for', async () => {
    const client = await openClient(await serve(DecoratedGateway), '/decorated')
    expect(await ask(client, { event: 'body', data: [1] })).toEqual({
      event: 'body',
      data: { body: [1], path: {}, isOpen: 1 },
    })
    expect(await ask(client, { event: 'part', data: { name: 'Ada' } })).toEqual({
      event: 'part',
      data: 'Ada',
    })
    expect(await ask(client, { event: 'ack' })).toEqual({ event: 'ack', data: 'undefined' })
  })

  it('sends nothing for a handler that returns nothing', async () => {
    const client = await openClient(await serve(DecoratedGateway), '/decorated')
    client.send('{"event":"nothing"}')
    expect(await ask(client, { event: 'part', data: { name: 'next' } })).toEqual({
      event: 'part',
      data: 'next',
    })
  })

  it('answers a WsException with an exception, whether it was thrown or rejected with', async () => {
    const client = await openClient(await serve(DecoratedGateway), '/decorated')
    expect(await ask(client, { event: 'wrong', data: { test: 'test' } })).toEqual({
      event: 'exception',
      data: { status: 'error', message: 'test', cause: { pattern: 'wrong', data: { test: 'test' } } },
    })
    expect(await ask(client, { event: 'later' })).toEqual({
      event: 'exception',
      data: { code: 'LATER', why: 'it was async' },
    })
  })

  it('gives the server of its path to a gateway', async () => {
    const app = await serve(PushGateway)
    await openClient(app)
    const { server } = app.get(PushGateway)
    expect(server).toBeInstanceOf(GatewayServer)
    expect(server.clients.size).toBe(1)
  })

  it('serves a gateway beside the HTTP routes of the same path', async () => {
    @Controller()
    class PageController {
      @Get()
      page() {
        return 'a page'
      }
    }
    const app = await listen(createPlatform, { gateways: [PushGateway], controllers: [PageController] })
    const client = await openClient(app)
    expect(await ask(client, { event: 'push', data: 1 })).toEqual({ event: 'pop', data: 1 })
    expect(await (await fetch(await app.getUrl())).text()).toBe('a page')
  })

  it('tells gateways apart by their path, however that is written', async () => {
    const app = await serve(namedGateway('a', { path: 'rooms/a/' }), namedGateway('b', { path: '/rooms/b' }))
    expect(await ask(await openClient(app, '/rooms/a'), who)).toEqual({ event: 'name', data: 'a' })
    expect(await ask(await openClient(app, '/rooms/b?x=1'), who)).toEqual({ event: 'name', data: 'b' })
  })

  it('serves several gateways on one path', async () => {
    const app = await serve(PushGateway, namedGateway('second'), namedGateway('third', { path: '/' }))
    const client = await openClient(app)
    const answers: unknown[] = []
    client.on('message', (data) => answers.push(JSON.parse(String(data)).data))
    client.send(JSON.stringify(who))
    await ask(client, { event: 'push', data: 'first' })
    expect(answers).toEqual(['second', 'third', 'first'])
  })

  it('may be made twice for one application, which uses the last', async () => {
    const app = await listen(createPlatform, {
      gateways: [namedGateway('one', { path: '/one' })],
      adapter: { origin: 'https://first.example' },
      prepare: (app) =>
        void app.useWebSocketAdapter(new UpwireAdapter(app, { origin: 'https://second.example' })),
    })
    const from = async (origin: string) => (await connect(app, { path: '/one', headers: { origin } })).status
    expect(await from('https://first.example')).toBe(403)
    expect(await from('https://second.example')).toBe(101)
  })

  it('serves a gateway on a port of its own, on every path', async () => {
    const port = await freePort()
    await serve(namedGateway('own port', port))
    expect(await ask(await openAt(port), who)).toEqual({ event: 'name', data: 'own port' })
    expect(await ask(await openAt(port, '/anywhere'), who)).toEqual({ event: 'name', data: 'own port' })
  })

  it('serves several gateways on one port of their own, told apart by path', async () => {
    const port = await freePort()
    const app = await serve(
      namedGateway('one', port, { path: '/one' }),
      namedGateway('two', port, { path: '/two' }),
      namedGateway('application', { path: '/one' }),
    )
    expect(await ask(await openAt(port, '/one'), who)).toEqual({ event: 'name', data: 'one' })
    expect(await ask(await openAt(port, '/two'), who)).toEqual({ event: 'name', data: 'two' })
    expect(await ask(await openClient(app, '/one'), who)).toEqual({ event: 'name', data: 'application' })
  })

  it('lets pages of its own host connect to a port of gateways, and no other', async () => {
    const port = await freePort()
    await serve(namedGateway('own port', port))
    const from = async (origin: string) => {
      const client = await rawUpgrade(port, { headers: { origin } })
      onTestFinished(() => client.reset())
      return client.status
    }
    expect(await from('http://127.0.0.1:3000')).toBe(101)
    expect(await from('http://other.example')).toBe(403)
  })

  it('refuses with 503 what comes to a port of gateways before the application is ready', async () => {
    const port = await freePort()
    const statuses: number[] = []
    class EarlyClient {
      async onModuleInit() {
        statuses.push((await rawUpgrade(port)).status)
      }
    }
    await serve(namedGateway('own port', port), EarlyClient)
    expect(statuses).toEqual([503])
  })

  it('answers for middleware that takes longer than handshakeTimeout, on any path', async () => {
    const app = await listen(createPlatform, {
      gateways: [PushGateway],
      adapter: { handshakeTimeout: 30 },
      prepare: (app) => app.use(() => {}),
    })
    expect((await connect(app, '/nowhere')).status).toBe(503)
    expect((await connect(app)).status).toBe(503)
  })

  it('says 426 to a page that is asked for on a port of gateways', async () => {
    const port = await freePort()
    await serve(namedGateway('own port', port))
    const response = await fetch(`http://127.0.0.1:${port}/`)
    expect([response.status, response.headers.get('upgrade')]).toEqual([426, 'websocket'])
  })

  it('reads messages with the parser of its options', async () => {
    const app = await listen(createPlatform, {
      gateways: [PushGateway],
      adapter: {
        messageParser: (data) => {
          const [event, payload] = JSON.parse(String(data))
          return { event, data: payload }
        },
      },
    })
    expect(await ask(await openClient(app), ['push', { test: 'test' }])).toEqual({
      event: 'pop',
      data: { test: 'test' },
    })
  })

  it('reads messages with a parser that it is given later, and drops those it returns nothing for', async () => {
    const app = await listen(createPlatform, {
      gateways: [PushGateway],
      prepare: (_app, adapter) =>
        adapter.setMessageParser((data) => {
          if (String(data) === 'ignore me') return
          return { event: 'push', data: String(data) }
        }),
    })
    const client = await openClient(app)
    client.send('ignore me')
    expect(await ask(client, 'as it is')).toEqual({ event: 'pop', data: 'as it is' })
  })

  it('says what to write when it is given a parser that is none', async () => {
    await createApp(createPlatform, {
      gateways: [PushGateway],
      prepare: (_app, adapter) =>
        expect(() => adapter.setMessageParser('JSON' as never)).toThrow(
          'write (data) => JSON.parse(String(data))',
        ),
    })
  })

  it('answers an upgrade of another path as the application does, and no listener of it', async () => {
    const app = await serve(PushGateway)
    const client = await connect(app, '/nowhere')
    expect(client.status).toBe(404)
    expect(JSON.parse(await client.body())).toMatchObject({ message: 'Cannot GET /nowhere', statusCode: 404 })
  })

  it.each(['/%64ecorated', '/Decorated', '/decorated/', '//decorated', '/x/../decorated'])(
    'has one spelling of a path, which %s is not (CVE-2026-2293)',
    async (path) => {
      const { status } = await connect(await serve(DecoratedGateway), path)
      expect(status).toBe(404)
    },
  )

  it('leaves nothing on the server when the application has closed', async () => {
    const app = await createApp(createPlatform, { gateways: [PushGateway] })
    const before = listenerCounts(serverOf(app))
    await app.listen(0, '127.0.0.1')
    const client = await openClient(app)
    const closed = once(client, 'close')
    await app.close()
    expect((await closed)[0]).toBe(1001)
    expect(listenerCounts(serverOf(app))).toMatchObject({ ...before })
  })
})

describe('UpwireAdapter', () => {
  it('serves an application as NestFactory makes it, which ends the process for what it lacks', async () => {
    @Module({ providers: [PushGateway] })
    class AppModule {}
    const app = await NestFactory.create(AppModule, { logger: false })
    onTestFinished(() => app.close())
    app.useWebSocketAdapter(new UpwireAdapter(app))
    await app.listen(0, '127.0.0.1')
    expect(await ask(await openClient(app), { event: 'push', data: 1 })).toEqual({ event: 'pop', data: 1 })
  })

  it('says what to write when it is not given an application', () => {
    expect(() => new UpwireAdapter({} as INestApplication)).toThrow(
      'write app.useWebSocketAdapter(new UpwireAdapter(app))',
    )
  })

  it('may be extended: what create makes of a path or a port holds for the gateways there', async () => {
    const [port, applicationPort] = [await freePort(), 0]
    class MovingAdapter extends UpwireAdapter {
      override create(from: number, options: Record<string, unknown>) {
        return super.create(from === applicationPort ? port : applicationPort, {
          ...options,
          path: `/moved${options.path}`,
        })
      }
    }
    const app = await createApp(PLATFORMS[0].createPlatform, {
      gateways: [
        namedGateway('out', { path: '/out' }),
        namedGateway('in', 8080, { path: '/in' }),
        namedGateway('too', 8080, { path: 'in' }),
      ],
      prepare: (app) => void app.useWebSocketAdapter(new MovingAdapter(app)),
    })
    await app.listen(0, '127.0.0.1')
    expect(await ask(await openAt(port, '/moved/out'), who)).toEqual({ event: 'name', data: 'out' })
    const client = await openClient(app, '/movedin')
    expect(await ask(client, who)).toEqual({ event: 'name', data: 'too' })
    expect(await ask(await openClient(app, '/moved/in'), who)).toEqual({ event: 'name', data: 'in' })
  })

  it.each(['bindClientConnect', 'bindClientDisconnect', 'bindMessageHandlers', 'bindMessageHandler'])(
    'says that %s would not be called, to who overrides it',
    async (name) => {
      class OtherAdapter extends UpwireAdapter {}
      Object.defineProperty(OtherAdapter.prototype, name, { value: () => {} })
      await createApp(PLATFORMS[0].createPlatform, {
        prepare: (app) => {
          expect(() => new OtherAdapter(app)).toThrow(`OtherAdapter overrides ${name}`)
        },
      })
    },
  )

  it('knows no namespaces', async () => {
    const app = await createApp(PLATFORMS[0].createPlatform, {
      gateways: [namedGateway('spaced', { namespace: 'chat' })],
    })
    await expect(app.init()).rejects.toThrow("write @WebSocketGateway({ path: '/chat' })")
  })

  it('names an option that nobody has', async () => {
    const app = await createApp(PLATFORMS[0].createPlatform, {
      gateways: [namedGateway('odd', { path: '/odd', maxPaylod: 5 })],
    })
    await expect(app.init()).rejects.toThrow('There is no option maxPaylod; did you mean maxPayload?')
  })
})
