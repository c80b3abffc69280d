import 'reflect-metadata'
import { type INestApplication, Module } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets'

@WebSocketGateway()
class Gateway {
  @SubscribeMessage('echo')
  echo(@MessageBody() data: unknown) {
    return { event: 'echo', data }
  }
}

@Module({ providers: [Gateway] })
class App {}

/** An application with a gateway that answers an event with the same event. */
export function createApp(): Promise<INestApplication> {
  return NestFactory.create(App, { logger: false })
}
