import {
  type ArgumentsHost,
  type CallHandler,
  type CanActivate,
  Catch,
  type ExceptionFilter,
  type ExecutionContext,
  Inject,
  Injectable,
  type NestInterceptor,
  type PipeTransform,
  Scope,
  UseFilters,
} from '@nestjs/common'
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, APP_PIPE, REQUEST } from '@nestjs/core'
import {
  BaseWsExceptionFilter,
  MessageBody,
  SubscribeMessage,
  WebSocketGateway,
  WsException,
} from '@nestjs/websockets'
import type { WebSocket } from '@upwire/core'
import { type Codec, type GatewayOptions, injectWS } from '@upwire/nest'
import { watchProcess } from '@upwire/testkit'
import { describe, expect, it, onTestFinished } from 'vitest'
import { ask, createApp, listen, openClient, PLATFORMS } from './harness.ts'

const [{ createPlatform }] = PLATFORMS

@WebSocketGateway(0, { path: '/failing' })
class FailingGateway {
  @SubscribeMessage('fail')
  fail(@MessageBody() _body: unknown) {
    throw new WsException('failed')
  }
}

class Upper implements PipeTransform {
  transform(value: unknown) {
    return typeof value === 'string' ? value.toUpperCase() : value
  }
}

@WebSocketGateway()
class EchoGateway {
  @SubscribeMessage('echo')
  echo(@MessageBody() body: unknown) {
    return { body }
  }
}

describe('what Nest puts around handlers', () => {
  it('is how filters answer, async ones too', async () => {
    @Catch(WsException)
    class EmittingFilter implements ExceptionFilter {
      async catch(_error: unknown, host: ArgumentsHost) {
        const client = host.switchToWs().getClient()
        await Promise.resolve()
        client.send('{"filtered":true}')
      }
    }
    @UseFilters(EmittingFilter)
    @WebSocketGateway()
    class FilteredGateway {
      @SubscribeMessage('fail')
      fail() {
        throw new WsException('failed')
      }
    }
    const client = await openClient(await listen(createPlatform, { gateways: [FilteredGateway] }))
    expect(await ask(client, { event: 'fail' })).toEqual({ filtered: true })
  })

  it('is that a filter may fail itself, which ends nothing', async () => {
    const watch = watchProcess()
    onTestFinished(() => watch.stop())
    @Catch()
    class RejectingFilter implements ExceptionFilter {
      async catch() {
        throw new Error('the filter failed')
      }
    }
    @UseFilters(RejectingFilter)
    @WebSocketGateway()
    class BadlyFilteredGateway extends EchoGateway {
      @SubscribeMessage('fail')
      fail() {
        throw new WsException('failed')
      }
    }
    const client = await openClient(await listen(createPlatform, { gateways: [BadlyFilteredGateway] }))
    client.send('{"event":"fail"}')
    expect(await ask(client, { event: 'echo', data: 1 })).toEqual({ body: 1 })
    await watch.expectNone()
  })

  it('is how what is global applies to messages, where the application asks for it', async () => {
    @Catch(WsException)
    class GlobalFilter implements ExceptionFilter {
      catch(error: WsException, host: ArgumentsHost) {
        host
          .switchToWs()
          .getClient()
          .send(JSON.stringify({ global: error.message }))
      }
    }
    const app = await listen(createPlatform, {
      gateways: [FailingGateway, EchoGateway],
      providers: [
        { provide: APP_FILTER, useClass: GlobalFilter },
        { provide: APP_PIPE, useClass: Upper },
      ],
      adapter: { globalEnhancers: ['messages'] },
    })
    expect(await ask(await openClient(app, '/failing'), { event: 'fail' })).toEqual({ global: 'failed' })
    expect(await ask(await openClient(app), { event: 'echo', data: 'ada' })).toEqual({ body: 'ADA' })
  })

  it.each(['providers', 'the application'])('is what is global by %s, one around the other', async (how) => {
    const seen: string[] = []
    const note = (what: string, context: ExecutionContext) => seen.push(`${what} ${context.getType()}`) > 0
    class NotingGuard implements CanActivate {
      canActivate(context: ExecutionContext) {
        return note('guard', context)
      }
    }
    class NotingInterceptor implements NestInterceptor {
      intercept(context: ExecutionContext, next: CallHandler) {
        note('interceptor', context)
        return next.handle()
      }
    }
    class NotingPipe extends Upper {
      override transform(value: unknown) {
        seen.push('pipe')
        return super.transform(value)
      }
    }
    const global = [
      { provide: APP_GUARD, useClass: NotingGuard },
      { provide: APP_INTERCEPTOR, useClass: NotingInterceptor },
      { provide: APP_PIPE, useClass: NotingPipe },
    ]
    const app = await listen(createPlatform, {
      gateways: [EchoGateway],
      providers: how === 'providers' ? global : [],
      adapter: { globalEnhancers: ['messages'] },
      prepare: (app) => {
        if (how === 'providers') return
        app.useGlobalGuards(new NotingGuard())
        app.useGlobalInterceptors(new NotingInterceptor())
        app.useGlobalPipes(new NotingPipe())
      },
    })
    const client = await openClient(app)
    expect(seen).toEqual([])
    expect(await ask(client, { event: 'echo', data: 'ada' })).toEqual({ body: 'ADA' })
    expect(seen).toEqual(['guard ws', 'interceptor ws', 'pipe'])
  })

  it('is that global filters are for HTTP alone, otherwise', async () => {
    @Catch()
    class GlobalFilter implements ExceptionFilter {
      catch() {}
    }
    const app = await listen(createPlatform, {
      gateways: [FailingGateway],
      providers: [{ provide: APP_FILTER, useClass: GlobalFilter }],
    })
    expect(await ask(await openClient(app, '/failing'), { event: 'fail' })).toMatchObject({
      event: 'exception',
    })
  })

  it('is that a connection has one set of scoped providers, whatever the number of messages', async () => {
    let made = 0
    @Injectable({ scope: Scope.TRANSIENT })
    class Transient {
      readonly number = ++made
    }
    @WebSocketGateway()
    class TransientGateway {
      readonly transient: Transient

      constructor(@Inject(Transient) transient: Transient) {
        this.transient = transient
      }

      @SubscribeMessage('which')
      which() {
        return { number: this.transient.number }
      }
    }
    const app = await createApp(createPlatform, { gateways: [TransientGateway], providers: [Transient] })
    const client = await injectWS(app, '/')
    for (let round = 0; round < 3; round++) {
      client.send('{"event":"which"}')
      expect(await client.next()).toBe('{"number":1}')
    }
  })

  // Nest 11 gives a gateway no providers of the scope of a request.
  if ('emitMessage' in BaseWsExceptionFilter.prototype) {
    it('is that a request is a connection to providers of its scope, made once and let go', async () => {
      const made: string[] = []
      @Injectable({ scope: Scope.REQUEST })
      class Visit {
        readonly room: string

        constructor(@Inject(REQUEST) socket: WebSocket) {
          this.room = String(socket.params.room)
          made.push(this.room)
        }
      }
      @WebSocketGateway({ path: '/rooms/:room' })
      class ScopedGateway {
        readonly visit: Visit

        constructor(@Inject(Visit) visit: Visit) {
          this.visit = visit
        }

        @SubscribeMessage('where')
        where() {
          return { room: this.visit.room }
        }
      }
      const app = await createApp(createPlatform, { gateways: [ScopedGateway], providers: [Visit] })
      for (const room of ['blue', 'red']) {
        const client = await injectWS(app, `/rooms/${room}`)
        for (let round = 0; round < 3; round++) {
          client.send('{"event":"where"}')
          expect(await client.next()).toBe(`{"room":"${room}"}`)
        }
      }
      expect(made).toEqual(['blue', 'red'])
    })

    it('is that handlers of such a gateway are answered for by its codec, and its filters may fail', async () => {
      const watch = watchProcess()
      onTestFinished(() => watch.stop())
      @Catch(TypeError)
      class RejectingFilter implements ExceptionFilter {
        async catch() {
          throw new Error('the filter failed')
        }
      }
      const codec: Codec = {
        decode: (data) => ({ event: String(data) }),
        encode: (response) => `coded ${JSON.stringify(response)}`,
      }
      @UseFilters(RejectingFilter)
      @WebSocketGateway<GatewayOptions>({ path: '/rooms/:room', codec })
      class FailingScopedGateway {
        constructor(@Inject(REQUEST) _socket: WebSocket) {}

        @SubscribeMessage('filtered')
        filtered() {
          throw new TypeError('filtered')
        }

        @SubscribeMessage('answered')
        async answered() {
          throw new WsException('answered')
        }
      }
      const app = await createApp(createPlatform, { gateways: [FailingScopedGateway] })
      const client = await injectWS(app, '/rooms/blue')
      client.send('filtered')
      client.send('answered')
      expect(await client.next()).toMatch(/^coded {"event":"exception",.*"message":"answered"/)
      await watch.expectNone()
    })

    it('is that its providers may fail, which its codec answers for, too', async () => {
      @Injectable({ scope: Scope.REQUEST })
      class Unmade {
        constructor() {
          throw new WsException('not made')
        }
      }
      @WebSocketGateway<GatewayOptions>({
        path: '/unmade',
        codec: { decode: () => ({ event: 'any' }), encode: () => 'coded' },
      })
      class UnmadeGateway {
        constructor(@Inject(Unmade) _unmade: Unmade) {}

        @SubscribeMessage('any')
        any() {}
      }
      const app = await createApp(createPlatform, { gateways: [UnmadeGateway], providers: [Unmade] })
      const client = await injectWS(app, '/unmade')
      client.send('any')
      expect(await client.next()).toBe('coded')
    })

    it.each(['throws', 'rejects'])(
      'is that handleConnection of such a gateway closes when it %s',
      async (how) => {
        @WebSocketGateway({ path: '/rooms/:room' })
        class ClosingGateway {
          readonly socket: WebSocket

          constructor(@Inject(REQUEST) socket: WebSocket) {
            this.socket = socket
          }

          handleConnection(socket: WebSocket) {
            const error = new WsException({ code: socket === this.socket ? 4401 : 4000 })
            if (how === 'throws') throw error
            return Promise.reject(error)
          }

          @SubscribeMessage('any')
          any() {}
        }
        const app = await createApp(createPlatform, { gateways: [ClosingGateway] })
        const client = await injectWS(app, '/rooms/blue')
        expect(await new Promise((resolve) => client.once('close', resolve))).toBe(4401)
      },
    )
  }
})
