import { once } from 'node:events'
import { type ArgumentsHost, Catch, type ExceptionFilter, UseFilters } from '@nestjs/common'
import { SubscribeMessage, WebSocketGateway, WsException } from '@nestjs/websockets'
import type { WebSocket as ServerSocket } from '@upwire/core'
import type { GatewayServer } from '@upwire/nest'
import { readClose, text, watchProcess } from '@upwire/testkit'
import { describe, expect, it, onTestFinished } from 'vitest'
import { connect, listen, nextText, openClient, PLATFORMS } from './harness.ts'

const [{ createPlatform }] = PLATFORMS

/** A promise, and how to settle it. */
function deferred() {
  let settle = (): void => {}
  const promise = new Promise<void>((resolve) => {
    settle = resolve
  })
  return { promise, settle }
}

describe('handleConnection', () => {
  it('is awaited: no message is handled before it is done, and none is lost', async () => {
    const { promise, settle } = deferred()
    const order: string[] = []
    @WebSocketGateway()
    class SlowGateway {
      async handleConnection() {
        await promise
        order.push('connected')
      }

      @SubscribeMessage('hello')
      hello(_socket: unknown, data: number) {
        order.push(`message ${data}`)
        return { event: 'hello', data }
      }
    }
    const app = await listen(createPlatform, { gateways: [SlowGateway] })
    const client = await openClient(app)
    const answers: unknown[] = []
    client.on('message', (data) => answers.push(JSON.parse(String(data)).data))
    client.send('{"event":"hello","data":1}')
    client.ping()
    await once(client, 'pong')
    expect(order).toEqual([])
    settle()
    client.send('{"event":"hello","data":2}')
    while (answers.length < 2) await once(client, 'message')
    expect(order).toEqual(['connected', 'message 1', 'message 2'])
    expect(answers).toEqual([1, 2])
  })

  it.each([
    [
      'throws',
      () => {
        throw new Error('no database')
      },
    ],
    ['rejects', () => Promise.reject(new Error('no database'))],
  ])('that %s closes with 1011, and troubles nobody else', async (_how, fail) => {
    const watch = watchProcess()
    onTestFinished(() => watch.stop())
    const handled: unknown[] = []
    @WebSocketGateway()
    class FailingGateway {
      handleConnection() {
        return fail()
      }

      @SubscribeMessage('hello')
      hello() {
        handled.push('hello')
      }
    }
    const client = await connect(await listen(createPlatform, { gateways: [FailingGateway] }))
    client.write(text('{"event":"hello"}'))
    expect(JSON.parse(await nextText(client))).toEqual({
      event: 'exception',
      data: { status: 'error', message: 'Internal server error', cause: { pattern: 'handleConnection' } },
    })
    expect(readClose(await client.nextFrame())).toMatchObject({ code: 1011 })
    expect(handled).toEqual([])
    await watch.expectNone()
  })

  it('closes with the code of a WsException', async () => {
    @WebSocketGateway()
    class ExpiredGateway {
      async handleConnection() {
        throw new WsException({ code: 4401, message: 'Expired' })
      }
    }
    const client = await openClient(await listen(createPlatform, { gateways: [ExpiredGateway] }))
    expect((await once(client, 'close'))[0]).toBe(4401)
  })

  it.each([
    ['text', new WsException('Expired')],
    ['a code that cannot be sent', new WsException({ code: 1006 })],
    ['a code that is text', new WsException({ code: 'EXPIRED' })],
  ])('closes with 1011 for a WsException with %s', async (_what, exception) => {
    @WebSocketGateway()
    class ExpiredGateway {
      handleConnection() {
        throw exception
      }
    }
    const client = await openClient(await listen(createPlatform, { gateways: [ExpiredGateway] }))
    expect((await once(client, 'close'))[0]).toBe(1011)
  })

  it('runs behind the listeners of the server, such as afterInit adds', async () => {
    const order: string[] = []
    @WebSocketGateway()
    class ListeningGateway {
      afterInit(server: GatewayServer) {
        server.on('connection', (socket, request) =>
          order.push(`listener ${socket.readyState} ${request.url}`),
        )
      }

      handleConnection() {
        order.push('handleConnection')
      }
    }
    await openClient(await listen(createPlatform, { gateways: [ListeningGateway] }), '/?room=1')
    expect(order).toEqual(['listener 1 /?room=1', 'handleConnection'])
  })

  it("gives what it throws to the gateway's filters, once", async () => {
    const caught: unknown[] = []
    @Catch()
    class NotingFilter implements ExceptionFilter {
      catch(error: unknown, host: ArgumentsHost) {
        caught.push(error, host.getType())
      }
    }
    const error = new Error('no database')
    @UseFilters(NotingFilter)
    @WebSocketGateway()
    class FailingGateway {
      async handleConnection() {
        throw error
      }
    }
    const client = await openClient(await listen(createPlatform, { gateways: [FailingGateway] }))
    await once(client, 'close')
    expect(caught).toEqual([error, 'ws'])
  })

  it('lets a gateway without handlers take messages by itself', async () => {
    @WebSocketGateway()
    class RawGateway {
      async handleConnection(socket: ServerSocket) {
        for await (const message of socket) socket.send(`${message}, ${message}`)
      }
    }
    const client = await openClient(await listen(createPlatform, { gateways: [RawGateway] }))
    client.send('again')
    expect(String((await once(client, 'message'))[0])).toBe('again, again')
  })
})

describe('handleConnection of a gateway with handlers', () => {
  it('that loops over the messages is told to leave them to the handlers', async () => {
    const said: string[] = []
    @Catch()
    class NotingFilter implements ExceptionFilter {
      catch(error: Error) {
        said.push(error.message)
      }
    }
    @UseFilters(NotingFilter)
    @WebSocketGateway()
    class LoopingGateway {
      async handleConnection(socket: ServerSocket) {
        for await (const message of socket) socket.send(message)
      }

      @SubscribeMessage('hello')
      hello() {}
    }
    const client = await openClient(await listen(createPlatform, { gateways: [LoopingGateway] }))
    expect((await once(client, 'close'))[0]).toBe(1011)
    expect(said).toEqual([expect.stringContaining('or to the handlers of its gateway; take them there')])
  })
})

describe('handleDisconnect', () => {
  it('is told the code and the reason, after every message', async () => {
    const { promise, settle } = deferred()
    const seen: unknown[] = []
    @WebSocketGateway()
    class NotingGateway {
      @SubscribeMessage('last')
      async last() {
        await Promise.resolve()
        seen.push('last')
      }

      handleDisconnect(_socket: ServerSocket, code: number, reason: string) {
        seen.push(code, reason)
        settle()
      }
    }
    const client = await openClient(await listen(createPlatform, { gateways: [NotingGateway] }))
    client.send('{"event":"last"}')
    client.close(4000, 'enough')
    await promise
    expect(seen).toEqual(['last', 4000, 'enough'])
  })

  it('is awaited when the application closes', async () => {
    const { promise, settle } = deferred()
    const seen: string[] = []
    @WebSocketGateway()
    class SavingGateway {
      async handleDisconnect() {
        seen.push('saving')
        settle()
        await new Promise((resolve) => setImmediate(resolve))
        seen.push('saved')
      }
    }
    const app = await listen(createPlatform, { gateways: [SavingGateway] })
    await openClient(app)
    const closing = app.close().then(() => seen.push('closed'))
    await promise
    await closing
    expect(seen).toEqual(['saving', 'saved', 'closed'])
  })

  it('is awaited for a peer that never answers, too', async () => {
    const seen: unknown[] = []
    @WebSocketGateway()
    class SavingGateway {
      async handleDisconnect(_socket: ServerSocket, code?: number) {
        seen.push(code)
        await new Promise((resolve) => setImmediate(resolve))
        seen.push('saved')
      }
    }
    const app = await listen(createPlatform, {
      gateways: [SavingGateway],
      adapter: { shutdown: { deadline: 50 } },
    })
    await connect(app)
    await app.close()
    expect(seen).toEqual([1006, 'saved'])
  })

  it('that never ends holds up the application until the deadline', async () => {
    @WebSocketGateway()
    class StuckGateway {
      handleDisconnect() {
        return new Promise(() => {})
      }
    }
    const app = await listen(createPlatform, {
      gateways: [StuckGateway],
      adapter: { shutdown: { deadline: 50 } },
    })
    await openClient(app)
    await app.close()
  })

  it('that throws or rejects troubles nobody', async () => {
    const watch = watchProcess()
    onTestFinished(() => watch.stop())
    @WebSocketGateway()
    class ThrowingGateway {
      handleDisconnect() {
        throw new Error('thrown')
      }
    }
    @WebSocketGateway()
    class RejectingGateway {
      async handleDisconnect() {
        throw new Error('rejected')
      }
    }
    const app = await listen(createPlatform, { gateways: [ThrowingGateway, RejectingGateway] })
    await openClient(app)
    await app.close()
    await watch.expectNone()
  })
})
