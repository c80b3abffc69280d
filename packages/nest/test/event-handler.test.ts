import {
  BadRequestException,
  type CallHandler,
  type CanActivate,
  createParamDecorator,
  type ExecutionContext,
  type NestInterceptor,
  ParseIntPipe,
  type PipeTransform,
  UseGuards,
  UseInterceptors,
  UsePipes,
} from '@nestjs/common'
import { MessageBody, SubscribeMessage, WebSocketGateway, WsException } from '@nestjs/websockets'
import type { WebSocket } from '@upwire/core'
import { map } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { createEventHandler } from '../src/event-handler.ts'
import { NestContexts } from '../src/nest-contexts.ts'
import { findGateways, messageHandlers } from '../src/nest-internals.ts'
import { ask, createApp, listen, openClient, PLATFORMS } from './harness.ts'

class Deny implements CanActivate {
  canActivate(): boolean {
    return false
  }
}

class Bracket implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler) {
    return next.handle().pipe(map((result) => [result]))
  }
}

class Even implements PipeTransform {
  transform(value: number): number {
    if (value % 2) throw new WsException('Odd')
    return value
  }
}

const Greeting = createParamDecorator((_data: unknown, context: ExecutionContext) =>
  Promise.resolve(`Hello, ${context.switchToWs().getData().name}`),
)

@WebSocketGateway()
class VariousGateway {
  readonly self = 'kept'

  @SubscribeMessage('plain')
  plain(_socket: unknown, data: unknown) {
    return { data, self: this.self }
  }

  @UseGuards(Deny)
  @SubscribeMessage('guarded')
  guarded() {
    return 'never'
  }

  @UseInterceptors(Bracket)
  @SubscribeMessage('intercepted')
  intercepted() {
    return 1
  }

  @UsePipes(Even)
  @SubscribeMessage('piped')
  piped(@MessageBody() data: number) {
    return { data }
  }

  @SubscribeMessage('parsed')
  parsed(@MessageBody('id', ParseIntPipe) id: number) {
    return { id }
  }

  @SubscribeMessage('custom')
  custom(@Greeting() greeting: string) {
    return { greeting }
  }

  @SubscribeMessage('broken')
  broken() {
    throw new BadRequestException('an exception of HTTP')
  }
}

const [{ createPlatform }] = PLATFORMS

describe('a handler', () => {
  it.each([
    ['plain', 5, { data: 5, self: 'kept' }],
    ['intercepted', undefined, [1]],
    ['piped', 2, { data: 2 }],
    ['parsed', { id: '7' }, { id: 7 }],
    ['custom', { name: 'Ada' }, { greeting: 'Hello, Ada' }],
  ])('that is %s answers', async (event, data, answer) => {
    const client = await openClient(await listen(createPlatform, { gateways: [VariousGateway] }))
    expect(await ask(client, { event, data })).toEqual(answer)
  })

  it.each([
    ['guarded', undefined, 'Forbidden resource'],
    ['piped', 1, 'Odd'],
    ['parsed', { id: 'seven' }, 'Internal server error'],
    ['broken', undefined, 'Internal server error'],
  ])('that is %s answers with an exception', async (event, data, message) => {
    const client = await openClient(await listen(createPlatform, { gateways: [VariousGateway] }))
    expect(await ask(client, { event, data })).toMatchObject({
      event: 'exception',
      data: { status: 'error', message, cause: { pattern: event } },
    })
  })

  it('is called without a promise when nothing is bound to it', async () => {
    const app = await createApp(createPlatform, { gateways: [VariousGateway] })
    await app.init()
    const options = { globalEnhancers: [], reply: () => {}, onFault: () => {} }
    const contexts = new NestContexts(app, options)
    const [gateway] = findGateways(app)
    const [plain] = messageHandlers(gateway).filter(({ methodName }) => methodName === 'plain')
    const { handle, isIntercepted } = createEventHandler(contexts, gateway, plain)
    expect(handle({} as WebSocket, 5, 'plain')).toEqual({ data: 5, self: 'kept' })
    expect(isIntercepted).toBe(false)
  })
})
