import { once } from 'node:events'
import {
  type CallHandler,
  type ExecutionContext,
  Logger,
  type NestInterceptor,
  UseInterceptors,
} from '@nestjs/common'
import { SubscribeMessage, WebSocketGateway, WsException } from '@nestjs/websockets'
import type { WebSocket as ServerSocket } from '@upwire/core'
import type { GatewayOptions } from '@upwire/nest'
import { watchProcess } from '@upwire/testkit'
import { map, Observable, of } from 'rxjs'
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { MessageDispatch } from '../src/message-dispatch.ts'
import { ask, listen, nextMessage, openClient, PLATFORMS } from './harness.ts'

const [{ createPlatform }] = PLATFORMS

const delays: (() => void)[] = []
const subscriptions: string[] = []

class Doubling implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler) {
    return next.handle().pipe(map(({ event, data }) => ({ event, data: data * 2 })))
  }
}

@WebSocketGateway()
class VariousGateway {
  @SubscribeMessage('slow')
  async slow(_socket: unknown, data: unknown) {
    await new Promise<void>((resolve) => delays.push(resolve))
    return { event: 'slow', data }
  }

  @SubscribeMessage('quick')
  quick(_socket: unknown, data: unknown) {
    return { event: 'quick', data }
  }

  @SubscribeMessage('count')
  count(_socket: unknown, to: number) {
    return of(...Array.from({ length: to }, (_, index) => ({ event: 'count', data: index })))
  }

  @SubscribeMessage('endless')
  endless() {
    return new Observable((subscriber) => {
      subscriptions.push('subscribed')
      subscriber.next({ event: 'endless' })
      return () => subscriptions.push('unsubscribed')
    })
  }

  @SubscribeMessage('failing')
  failing() {
    return new Observable((subscriber) => subscriber.error(new WsException('the stream broke')))
  }

  @UseInterceptors(new Doubling())
  @SubscribeMessage('double')
  double(_socket: unknown, data: number) {
    return { event: 'double', data }
  }

  @SubscribeMessage('cyclic')
  cyclic() {
    const cyclic: { self?: unknown } = {}
    cyclic.self = cyclic
    return cyclic
  }
}

/** A promise, and how to settle it. */
function deferred<Value>() {
  let resolve = (_value: Value): void => {}
  const promise = new Promise<Value>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}

beforeEach(() => {
  delays.length = 0
  subscriptions.length = 0
})

const open = async (options: object = {}) =>
  openClient(await listen(createPlatform, { gateways: [VariousGateway], ...options }))

describe('messages of one socket', () => {
  it('are handled in order, whatever a handler waits for', async () => {
    const client = await open()
    client.send('{"event":"slow","data":1}')
    client.send('{"event":"quick","data":2}')
    client.ping()
    await once(client, 'pong')
    const first = nextMessage(client)
    delays[0]()
    expect(await first).toEqual({ event: 'slow', data: 1 })
  })

  it('are handled at once, where the gateway says so', async () => {
    @WebSocketGateway({ messageOrder: 'concurrent' })
    class ConcurrentGateway extends VariousGateway {}
    const client = await openClient(await listen(createPlatform, { gateways: [ConcurrentGateway] }))
    client.send('{"event":"slow","data":1}')
    expect(await ask(client, { event: 'quick', data: 2 })).toEqual({ event: 'quick', data: 2 })
    const last = nextMessage(client)
    delays[0]()
    expect(await last).toEqual({ event: 'slow', data: 1 })
  })

  it('are answered in order behind an interceptor too', async () => {
    const client = await open()
    const answers: unknown[] = []
    client.on('message', (data) => answers.push(JSON.parse(String(data)).event))
    client.send('{"event":"double","data":1}')
    await ask(client, { event: 'quick' })
    if (answers.length < 2) await once(client, 'message')
    expect(answers).toEqual(['double', 'quick'])
  })
})

describe('an Observable', () => {
  it('is sent value by value', async () => {
    const client = await open()
    const answers: unknown[] = []
    client.on('message', (data) => answers.push(JSON.parse(String(data)).data))
    client.send('{"event":"count","data":3}')
    await ask(client, { event: 'quick', data: 'last' })
    while (answers.length < 4) await once(client, 'message')
    expect(answers).toEqual([0, 1, 2, 'last'])
  })

  it('does not hold up the next message, and is unsubscribed from when the connection closes', async () => {
    const client = await open()
    expect(await ask(client, { event: 'endless' })).toEqual({ event: 'endless' })
    expect(await ask(client, { event: 'quick', data: 1 })).toEqual({ event: 'quick', data: 1 })
    client.close()
    await once(client, 'close')
    expect(subscriptions).toEqual(['subscribed', 'unsubscribed'])
  })

  it('is one of as many as a peer asks for, without a word of Node about listeners', async () => {
    const warnings: Error[] = []
    const note = (warning: Error): void => void warnings.push(warning)
    process.on('warning', note)
    onTestFinished(() => void process.off('warning', note))
    const client = await open()
    for (let round = 0; round < 12; round++) await ask(client, { event: 'endless' })
    client.close()
    await once(client, 'close')
    expect(subscriptions.filter((what) => what === 'unsubscribed')).toHaveLength(12)
    expect(warnings).toEqual([])
  })

  it('that comes after the connection has closed is unsubscribed from at once', async () => {
    const { promise, resolve } = deferred<Observable<unknown>>()
    const gone = deferred<void>()
    @WebSocketGateway<GatewayOptions>({ messageOrder: 'concurrent' })
    class LateGateway {
      @SubscribeMessage('late')
      late() {
        return promise
      }

      handleDisconnect() {
        gone.resolve()
      }
    }
    const client = await openClient(await listen(createPlatform, { gateways: [LateGateway] }))
    client.send('{"event":"late"}')
    client.close()
    await gone.promise
    const ended = new Promise<void>((end) => resolve(new Observable(() => () => end())))
    await ended
  })

  it('that ends with an error is answered as an exception', async () => {
    expect(await ask(await open(), { event: 'failing' })).toMatchObject({
      event: 'exception',
      data: { status: 'error', message: 'the stream broke' },
    })
  })
})

describe('bytes that a handler returns', () => {
  it.each([
    ['an ArrayBuffer', Uint8Array.of(1, 2).buffer],
    ['a DataView', new DataView(Uint8Array.of(0, 1, 2).buffer, 1)],
    ['a Uint8Array', Uint8Array.of(1, 2)],
  ])('are sent as they are: %s', async (_what, bytes) => {
    @WebSocketGateway()
    class BytesGateway {
      @SubscribeMessage('bytes')
      bytes() {
        return bytes
      }
    }
    const client = await openClient(await listen(createPlatform, { gateways: [BytesGateway] }))
    client.send('{"event":"bytes"}')
    expect(await once(client, 'message')).toEqual([Buffer.of(1, 2), true])
  })
})

describe('listeners of a socket beside handlers', () => {
  it('get binary messages in the shape they ask for', async () => {
    const seen: unknown[] = []
    @WebSocketGateway()
    class ListeningGateway extends VariousGateway {
      handleConnection(socket: ServerSocket) {
        socket.binaryType = 'arraybuffer'
        socket.on('message', (data) => seen.push(data))
      }
    }
    const client = await openClient(await listen(createPlatform, { gateways: [ListeningGateway] }))
    client.send(Buffer.of(1, 2))
    await ask(client, { event: 'quick' })
    expect(seen).toEqual([Uint8Array.of(1, 2).buffer, expect.any(Buffer)])
  })
})

describe('a mistake', () => {
  const warn = vi.spyOn(Logger.prototype, 'warn').mockImplementation(() => {})
  beforeEach(() => warn.mockClear())

  it.each([
    ['an unknown event', '{"event":"nowhere"}', 'There is no handler for the event "nowhere"'],
    ['no event', '{}', 'There is no handler for the event undefined'],
    [
      'a name without end',
      `{"event":"${'x'.repeat(500)}"}`,
      `There is no handler for the event "${'x'.repeat(63)}…`,
    ],
  ])('such as %s is answered', async (_what, message, answer) => {
    expect(await ask(await open(), message)).toEqual({
      event: 'exception',
      data: { status: 'error', message: answer },
    })
  })

  it('such as bad JSON is answered, and the next message is handled', async () => {
    const client = await open()
    expect(await ask(client, '{"event":')).toMatchObject({
      event: 'exception',
      data: { status: 'error', message: expect.stringContaining('The message cannot be read: ') },
    })
    expect(await ask(client, { event: 'quick', data: 1 })).toEqual({ event: 'quick', data: 1 })
  })

  it.each([
    ['resolves', async () => ({ event: 'quick' }), 'its codec gives a promise, and has to give the message'],
    ['rejects', () => Promise.reject(new Error('no key')), 'no key'],
  ])('such as a codec that is async and %s is answered', async (_how, decode, why) => {
    const watch = watchProcess()
    onTestFinished(() => watch.stop())
    @WebSocketGateway({ codec: { decode, encode: JSON.stringify } })
    class AsyncCodecGateway extends VariousGateway {}
    const client = await openClient(await listen(createPlatform, { gateways: [AsyncCodecGateway] }))
    expect(await ask(client, 'any')).toMatchObject({
      data: { message: `The message cannot be read: ${why}` },
    })
    await watch.expectNone()
  })

  it('is logged once for a connection', async () => {
    const client = await open()
    await ask(client, 'one')
    await ask(client, 'two')
    expect(warn.mock.calls).toHaveLength(1)
  })

  it('is left to listeners of the socket, where there are some', async () => {
    @WebSocketGateway()
    class ListeningGateway extends VariousGateway {
      handleConnection(socket: ServerSocket) {
        socket.on('message', (data, isBinary) => socket.send(JSON.stringify([String(data), isBinary])))
      }
    }
    const client = await openClient(await listen(createPlatform, { gateways: [ListeningGateway] }))
    expect(await ask(client, 'not JSON')).toEqual(['not JSON', false])
    expect(warn).not.toHaveBeenCalled()
  })

  it('of a handler, a response that cannot be written, is logged and ends nothing', async () => {
    const error = vi.spyOn(Logger.prototype, 'error').mockImplementation(() => {})
    const client = await open()
    client.send('{"event":"cyclic"}')
    expect(await ask(client, { event: 'quick', data: 1 })).toEqual({ event: 'quick', data: 1 })
    expect(error.mock.calls).toHaveLength(1)
    error.mockRestore()
  })
})

describe('MessageDispatch', () => {
  it('gives no promise for a handler that returns none', () => {
    const codec = { decode: () => ({ event: 'plain' }), encode: () => '' }
    const dispatch = new MessageDispatch({ codec, onMistake: () => {}, onFault: () => {} })
    dispatch.add('plain', { handle: () => undefined, isIntercepted: false })
    const socket = { listenerCount: () => 0 } as unknown as ServerSocket
    expect(dispatch.dispatch(socket, '', false)).toBeUndefined()
  })
})
