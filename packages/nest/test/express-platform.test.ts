import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Controller, Get, type MiddlewareConsumer, Module, RequestMethod } from '@nestjs/common'
import type { ExpressAdapter, NestExpressApplication } from '@nestjs/platform-express'
import { WebSocketGateway } from '@nestjs/websockets'
import type { WebSocket as ServerSocket } from '@upwire/core'
import session from 'express-session'
import { describe, expect, it, onTestFinished } from 'vitest'
import { connect, listen, nextText, PLATFORMS } from './harness.ts'

const [{ createPlatform }] = PLATFORMS

@WebSocketGateway({ path: '/chat' })
class ChatGateway {
  handleConnection(socket: ServerSocket) {
    socket.send('welcome')
  }
}

type Next = (error?: unknown) => void
type Response = import('node:http').ServerResponse

describe('an upgrade on Express', () => {
  it('runs what app.use was given, and its headers and cookies are on the 101', async () => {
    const app = await listen(createPlatform, {
      gateways: [ChatGateway],
      prepare: (app) => {
        app.use(session({ secret: 'quiet', resave: false, saveUninitialized: true }))
        app.use((_request: unknown, response: Response, next: Next) => {
          response.setHeader('X-Request-Id', '7')
          next()
        })
      },
    })
    const client = await connect(app, '/chat')
    expect(client.status).toBe(101)
    expect(client.headers.get('x-request-id')).toEqual(['7'])
    expect(client.headers.get('set-cookie')).toEqual([expect.stringContaining('connect.sid=')])
    expect(await nextText(client)).toBe('welcome')
  })

  it('gives sessions to handleConnection', async () => {
    @WebSocketGateway()
    class SessionGateway {
      handleConnection(socket: ServerSocket, request: { session: session.Session & { visits?: number } }) {
        request.session.visits = (request.session.visits ?? 0) + 1
        request.session.save(() => socket.send(String(request.session.visits)))
      }
    }
    const app = await listen(createPlatform, {
      gateways: [SessionGateway],
      prepare: (app) => app.use(session({ secret: 'quiet', resave: false, saveUninitialized: true })),
    })
    const first = await connect(app)
    expect(await nextText(first)).toBe('1')
    const [cookie] = first.headers.get('set-cookie') ?? []
    const again = await connect(app, { headers: { cookie: cookie.split(';')[0] } })
    expect(await nextText(again)).toBe('2')
  })

  it.each([
    ['every path', '{*path}'],
    ['the path of the gateway', 'chat'],
    ['its path by GET', { path: 'chat', method: RequestMethod.GET }],
  ])('runs the middleware of a module for %s', async (_what, route) => {
    @Module({ providers: [ChatGateway] })
    class ChatModule {
      configure(consumer: MiddlewareConsumer) {
        consumer
          .apply((_request: unknown, response: Response) => {
            response.writeHead(402).end('pay first')
          })
          .forRoutes(route)
      }
    }
    const app = await listen(createPlatform, { imports: [ChatModule] })
    const client = await connect(app, '/chat')
    expect([client.status, await client.body()]).toEqual([402, 'pay first'])
  })

  it('answers what middleware fails with by the filters of Nest', async () => {
    const app = await listen(createPlatform, {
      gateways: [ChatGateway],
      prepare: (app) =>
        app.use((_request: unknown, _response: unknown, next: Next) => next(new Error('oops'))),
    })
    const client = await connect(app, '/chat')
    expect(client.status).toBe(500)
    expect(JSON.parse(await client.body())).toEqual({ statusCode: 500, message: 'Internal server error' })
  })

  it('is answered by no route, and by no file', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'upwire-files-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    writeFileSync(join(folder, 'index.html'), 'a page')
    writeFileSync(join(folder, 'chat'), 'a file')
    @Controller('chat')
    class ChatController {
      @Get()
      page() {
        return 'a route'
      }
    }
    const app = await listen(createPlatform, {
      gateways: [ChatGateway],
      controllers: [ChatController],
      prepare: (app) => (app as NestExpressApplication).useStaticAssets(folder),
    })
    expect(await nextText(await connect(app, '/chat'))).toBe('welcome')
    expect(await (await fetch(await app.getUrl())).text()).toBe('a page')
  })
})

describe('an Express application that nothing looks at upgrades in', () => {
  const poweredBy = async (options: Parameters<typeof listen>[1]) => {
    const client = await connect(await listen(createPlatform, options), '/chat')
    expect(client.status).toBe(101)
    return client.headers.get('x-powered-by')
  }

  it('is not asked: a connection opens without a response of Express', async () => {
    expect(await poweredBy({ gateways: [ChatGateway] })).toBeUndefined()
  })

  it('is asked from the moment it has a hook of the adapter', async () => {
    const app = await listen(createPlatform, { gateways: [ChatGateway] })
    const poweredBy = async () => (await connect(app, '/chat')).headers.get('x-powered-by')
    expect(await poweredBy()).toBeUndefined()
    const hook = (_request: unknown, _response: unknown, next: () => void) => next()
    ;(app.getHttpAdapter() as ExpressAdapter).setOnRequestHook(hook)
    expect(await poweredBy()).toEqual(['Express'])
  })

  it('is asked when there is middleware, or a hook of the adapter', async () => {
    const use = (_request: unknown, _response: unknown, next: () => void) => next()
    expect(await poweredBy({ gateways: [ChatGateway], prepare: (app) => app.use(use) })).toEqual(['Express'])
    expect(
      await poweredBy({
        gateways: [ChatGateway],
        prepare: (app) => (app.getHttpAdapter() as ExpressAdapter).setOnRequestHook(use),
      }),
    ).toEqual(['Express'])
  })
})
