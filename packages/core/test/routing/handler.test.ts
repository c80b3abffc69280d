import { describe, expect, expectTypeOf, it } from 'vitest'
import { defineHandler, type Handler, resolveHandler } from '../../src/routing/handler.ts'
import type { UpgradeRequest } from '../../src/routing/upgrade-request.ts'
import { WebSocket } from '../../src/websocket/websocket.ts'

const socket = new WebSocket(null)
const request = {} as UpgradeRequest

describe('a handler that is a function', () => {
  it('is started with the socket and the request, and listens by itself', () => {
    const handler = (...args: unknown[]) => args
    const { handling, start, upgrade } = resolveHandler(handler)
    expect(handling).toEqual({ hooks: {}, delivery: 'listeners' })
    expect(start?.(socket, request)).toEqual([socket, request])
    expect(upgrade).toBeUndefined()
  })

  it.each([
    ['an arrow function', () => 1],
    ['an async function', async () => 1],
    ['a method', { chat() {} }.chat],
  ])('may be %s', (_, handler) => {
    expect(resolveHandler(handler).start).toBe(handler)
  })

  it.each([
    ['a generator', function* () {}],
    ['an async generator', async function* () {}],
    ['a generator method', { *chat() {} }.chat],
  ])('may not be %s', (_, handler) => {
    expect(() => resolveHandler(handler)).toThrow(TypeError)
    expect(() => resolveHandler(handler)).toThrow('write an async function with "for await')
  })

  it('may not be a class', () => {
    class Chat {}
    expect(() => resolveHandler(Chat as unknown as Handler)).toThrow(
      'The handler is the class Chat; write new Chat()',
    )
  })
})

describe('a handler that is an object of hooks', () => {
  it('is delivered to its hooks, open first', () => {
    const hooks = { open: () => 'opened', message() {} }
    const { handling, start, upgrade } = resolveHandler(hooks)
    expect(handling.hooks).toBe(hooks)
    expect(handling.delivery).toBe('hooks')
    expect(start?.(socket, request)).toBe('opened')
    expect(upgrade).toBeUndefined()
  })

  it('starts with nothing when it has no open hook', () => {
    expect(resolveHandler({ message() {} }).start).toBeUndefined()
  })

  it('runs its hooks on itself', () => {
    const hooks = {
      name: 'chat',
      upgrade(this: { name: string }) {
        return this.name
      },
      open(this: { name: string }) {
        return this.name
      },
    }
    const { start, upgrade } = resolveHandler(Object.setPrototypeOf(hooks, { message() {} }))
    expect(upgrade?.(request, new Headers())).toBe('chat')
    expect(start?.(socket, request)).toBe('chat')
  })

  it('may be an instance of a class, with fields of its own', () => {
    class Chat {
      readonly rooms = new Map()
      message(): number {
        return this.rooms.size
      }
    }
    const chat = new Chat()
    expect(resolveHandler(chat).handling.hooks).toBe(chat)
  })

  it('says by its hooks how messages are delivered', () => {
    const modeOf = (handler: Handler) => resolveHandler(handler).handling.messages
    expect(modeOf({ message() {} })).toBe('whole')
    expect(modeOf({ stream() {} })).toBe('streamed')
    expect(modeOf({ open() {} })).toBeUndefined()
    expect(modeOf(() => {})).toBeUndefined()
  })

  it('may have no prototype', () => {
    const hooks = Object.assign(Object.create(null), { message() {} })
    expect(resolveHandler(hooks).handling.hooks).toBe(hooks)
  })

  it('may leave hooks undefined', () => {
    expect(resolveHandler({ message() {}, upgrade: undefined }).upgrade).toBeUndefined()
  })

  it.each([
    [undefined, 'The handler must be a function (socket, request) => …, or an object of hooks'],
    [null, 'it is null'],
    ['chat', 'it is a string'],
    [[() => 1], 'it is an array'],
    [Promise.resolve({ message() {} }), 'The handler is a promise; await it'],
    [{}, 'The handler has no hook; give it one of upgrade, open, message, stream, drain, close, error'],
    [{ message: undefined }, 'The handler has no hook'],
    [new Map(), 'The handler has no hook'],
    [{ onMessage() {} }, 'The handler has an unknown hook, onMessage; did you mean message?'],
    [{ message() {}, onClose() {} }, 'The handler has an unknown hook, onClose; did you mean close?'],
    [{ connection() {} }, 'unknown hook, connection; there are upgrade, open, message'],
    [{ message: 'echo' }, 'The hook message must be a function; it is a string'],
    [{ open: null }, 'The hook open must be a function; it is null'],
    [{ message() {}, stream() {} }, 'The hooks message and stream both take messages; leave one of them out'],
    [{ *message() {} }, 'The hook message is a generator, which nothing would run'],
  ])('is refused when it is %o', (handler, message) => {
    expect(() => resolveHandler(handler as Handler)).toThrow(TypeError)
    expect(() => resolveHandler(handler as Handler)).toThrow(message)
  })
})

describe('defineHandler', () => {
  it('returns the hooks', () => {
    const hooks = { message() {} }
    expect(defineHandler(hooks)).toBe(hooks)
  })

  it('types socket.data by what the upgrade hook returns', () => {
    defineHandler({
      upgrade: () => ({ user: 'ada' }),
      open(opened) {
        expectTypeOf(opened).toEqualTypeOf<WebSocket<{ user: string }>>()
      },
    })
  })

  it('does not count a Response as data', () => {
    defineHandler({
      async upgrade(upgraded) {
        expectTypeOf(upgraded).toEqualTypeOf<UpgradeRequest>()
        return upgraded.headers.authorization ? { user: 'ada' } : new Response(null, { status: 401 })
      },
      message(opened) {
        expectTypeOf(opened.data).toEqualTypeOf<{ user: string }>()
      },
    })
  })
})
