import { Controller, Get, Logger, type MiddlewareConsumer, Module } from '@nestjs/common'
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify'
import { WebSocketGateway } from '@nestjs/websockets'
import type { WebSocket as ServerSocket } from '@upwire/core'
import { watchProcess } from '@upwire/testkit'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { connect, listen, nextText, PLATFORMS } from './harness.ts'

const [, { createPlatform }] = PLATFORMS

@WebSocketGateway({ path: '/chat' })
class ChatGateway {
  handleConnection(socket: ServerSocket) {
    socket.send('welcome')
  }
}

type Response = import('node:http').ServerResponse

const fastifyOf = (app: unknown) => (app as NestFastifyApplication).getHttpAdapter().getInstance()

describe('an upgrade on Fastify', () => {
  it('runs the hooks of the instance, and their headers are on the 101', async () => {
    const seen: string[] = []
    const app = await listen(createPlatform, {
      gateways: [ChatGateway],
      prepare: (app) => {
        fastifyOf(app)
          .addHook('onRequest', async (_request, reply) => {
            seen.push('onRequest')
            reply.header('X-Request-Id', '7')
          })
          .addHook('onSend', (_request, reply, payload, done) => {
            seen.push('onSend')
            reply.header('Set-Cookie', ['a=1', 'b=2'])
            done(null, payload)
          })
          .addHook('onResponse', async () => void seen.push('onResponse'))
      },
    })
    const client = await connect(app, '/chat')
    expect(client.status).toBe(101)
    expect(client.headers.get('x-request-id')).toEqual(['7'])
    expect(client.headers.get('set-cookie')).toEqual(['a=1', 'b=2'])
    expect(await nextText(client)).toBe('welcome')
    expect(seen).toEqual(['onRequest', 'onSend', 'onResponse'])
  })

  it('is refused by a hook that answers', async () => {
    const app = await listen(createPlatform, {
      gateways: [ChatGateway],
      prepare: (app) =>
        fastifyOf(app).addHook('preHandler', async (_request, reply) => reply.code(402).send('pay first')),
    })
    const client = await connect(app, '/chat')
    expect([client.status, await client.body()]).toEqual([402, 'pay first'])
  })

  it('is answered as Nest does when a hook at the end fails', async () => {
    const app = await listen(createPlatform, {
      gateways: [ChatGateway],
      prepare: (app) =>
        fastifyOf(app).addHook('onSend', async (request) => {
          if (request.headers.upgrade && !request.headers['x-failed']) {
            request.headers['x-failed'] = 'yes'
            throw new Error('no store')
          }
        }),
    })
    expect((await connect(app, '/chat')).status).toBe(500)
  })

  it('is answered with 500, and logged, when Fastify fails before it has a request', async () => {
    const error = vi.spyOn(Logger.prototype, 'error').mockImplementation(() => {})
    onTestFinished(() => error.mockRestore())
    const watch = watchProcess()
    onTestFinished(() => watch.stop())
    const fault = new Error('no such address')
    const rewriteUrl = () => {
      throw fault
    }
    const app = await listen(() => new FastifyAdapter({ rewriteUrl }), { gateways: [ChatGateway] })
    for (let round = 0; round < 2; round++) expect((await connect(app, '/chat')).status).toBe(500)
    expect(error.mock.calls).toEqual([[fault], [fault]])
    await watch.expectNone()
  })

  it.each(['{*path}', 'chat'])('runs the middleware of a module for %s', async (path) => {
    @Module({ providers: [ChatGateway] })
    class ChatModule {
      configure(consumer: MiddlewareConsumer) {
        consumer
          .apply((_request: unknown, response: Response) => {
            response.writeHead(402).end('pay first')
          })
          .forRoutes(path)
      }
    }
    const app = await listen(createPlatform, { imports: [ChatModule] })
    const client = await connect(app, '/chat')
    expect([client.status, await client.body()]).toEqual([402, 'pay first'])
  })

  it('is answered by no route, and routes answer as ever', async () => {
    @Controller('chat')
    class ChatController {
      @Get()
      page() {
        return 'a route'
      }
    }
    const app = await listen(createPlatform, { gateways: [ChatGateway], controllers: [ChatController] })
    expect(await nextText(await connect(app, '/chat'))).toBe('welcome')
    expect(await (await fetch(`${await app.getUrl()}/chat`)).text()).toBe('a route')
    expect((await fetch(`${await app.getUrl()}/none`)).status).toBe(404)
  })
})
