import type { IncomingMessage } from 'node:http'
import { describe, expect, it, vi } from 'vitest'
import { HandshakeError, type HandshakeErrorCode } from '../../src/handshake/handshake-error.ts'
import { MemoryBudget } from '../../src/protocol/memory-budget.ts'
import type { Handler } from '../../src/routing/handler.ts'
import { faultOf, Refusal } from '../../src/routing/refusal.ts'
import { type ConnectionRegistry, Route } from '../../src/routing/route.ts'
import type { RouteOptions } from '../../src/routing/route-options.ts'
import { UpgradeRejection } from '../../src/routing/upgrade-rejection.ts'
import type { UpgradeRequest } from '../../src/routing/upgrade-request.ts'
import { TopicHub } from '../../src/topics/topic-hub.ts'
import { WebSocket } from '../../src/websocket/websocket.ts'
import { openingRequest, SAMPLE_KEY } from '../handshake/request.ts'

const opening = { key: SAMPLE_KEY, subprotocols: [], extensions: [] }

function registry(refused?: HandshakeErrorCode): ConnectionRegistry {
  return {
    budget: new MemoryBudget(1),
    topics: new TopicHub(),
    admit: () => refused,
    enter() {},
    leave() {},
  }
}

function upgradeRequest(headers: Record<string, string> = {}): UpgradeRequest {
  return Object.assign(openingRequest(headers), { params: { room: 'blue' } })
}

function routeOf(options?: RouteOptions, handler: Handler = () => {}): Route {
  return new Route(registry(), options, handler)
}

function codeOf(checked: ReturnType<Route['check']>): string | undefined {
  return checked instanceof HandshakeError ? checked.code : undefined
}

async function reasonOf(decision: ReturnType<Route['decide']>): Promise<unknown> {
  const refusal = await decision
  return refusal instanceof Refusal ? refusal.reason : undefined
}

describe('a Route', () => {
  it('makes the settings that all of its connections share', () => {
    const connections = registry()
    const hooks = { message() {} }
    const { settings } = new Route(connections, { maxPayload: 5 }, hooks, { pingInterval: 7 })
    expect(settings).toMatchObject({ role: 'server', limits: { maxPayload: 5, pingInterval: 7 } })
    expect(settings.budget).toBe(connections.budget)
    expect(settings.topics).toBe(connections.topics)
    expect(settings.handling.hooks).toBe(hooks)
  })

  it.each([
    ['whole', undefined, undefined, () => {}],
    ['streamed', 'streamed', undefined, () => {}],
    ['streamed', undefined, 'streamed', () => {}],
    ['whole', 'whole', 'streamed', () => {}],
    ['streamed', 'streamed', undefined, { open() {} }],
    ['streamed', undefined, undefined, { stream() {} }],
    ['streamed', undefined, 'whole', { stream() {} }],
    ['whole', undefined, 'streamed', { message() {} }],
  ] as const)(
    'delivers messages %s with the option %s, the default %s and the handler %o',
    (mode, own, preset, handler) => {
      const route = new Route(registry(), own && { messages: own }, handler, preset && { messages: preset })
      expect(route.settings.handling.messages).toBe(mode)
    },
  )

  it.each([
    [
      'streamed',
      { message() {} },
      "Option messages is 'streamed', but the handler has the hook message; name it stream",
    ],
    [
      'whole',
      { stream() {} },
      "Option messages is 'whole', but the handler has the hook stream; name it message",
    ],
  ] as const)('refuses the option %s with the other hook', (messages, handler, error) => {
    expect(() => routeOf({ messages }, handler)).toThrow(new TypeError(error))
  })

  it('throws where it is made when an option or the handler cannot be used', () => {
    expect(() => routeOf({ maxPayload: 0 })).toThrow(TypeError)
    expect(() => routeOf({}, {})).toThrow(TypeError)
  })

  it('has one place that makes socket.data', () => {
    const both = () => routeOf({ data: () => 1 }, { upgrade: () => 2 })
    expect(both).toThrow('Option data and the upgrade hook both make socket.data; leave one of them out')
    expect(() => new Route(registry(), {}, { upgrade: () => 2 }, { data: () => 1 })).not.toThrow()
  })

  it('starts a function handler, or the open hook, with its request', () => {
    const request = upgradeRequest()
    const socket = new WebSocket(null)
    const handler = vi.fn()
    routeOf({}, handler).starter(request)?.(socket)
    expect(handler).toHaveBeenCalledWith(socket, request)
    expect(routeOf({}, { message() {} }).starter(request)).toBeUndefined()
  })
})

describe('Route.check', () => {
  it('gives what a good handshake asks for', () => {
    const request = openingRequest({ 'sec-websocket-protocol': 'a, b' })
    expect(routeOf().check(request)).toEqual({ ...opening, subprotocols: ['a', 'b'] })
  })

  it('asks first whether there may be more connections', () => {
    const route = new Route(registry('UPWIRE_SHUTTING_DOWN'), undefined, () => {})
    expect(codeOf(route.check(openingRequest({ upgrade: undefined })))).toBe('UPWIRE_SHUTTING_DOWN')
  })

  it('counts the connections of this route', () => {
    const route = routeOf({ maxConnections: 1 })
    expect(codeOf(route.check(openingRequest()))).toBeUndefined()
    expect(codeOf(route.check(openingRequest()))).toBe('UPWIRE_TOO_MANY_CONNECTIONS')
  })

  it('makes the checks of the opening handshake', () => {
    expect(codeOf(routeOf().check(openingRequest({ 'sec-websocket-key': 'short' })))).toBe('UPWIRE_BAD_KEY')
  })

  it('refuses pages of another origin unless the option lets them in', () => {
    const request = openingRequest({ origin: 'https://evil.example' })
    expect(codeOf(routeOf().check(request))).toBe('UPWIRE_FOREIGN_ORIGIN')
    expect(codeOf(routeOf({ origin: 'dangerously-any' }).check(request))).toBeUndefined()
  })

  it('answers 500 when the origin function throws, and keeps the fault', () => {
    const fault = new Error('a bug')
    const checked = routeOf({
      origin: () => {
        throw fault
      },
    }).check(openingRequest())
    expect(checked).toMatchObject({ code: 'UPWIRE_UPGRADE_FAILED', status: 500 })
    expect(faultOf(checked)).toBe(fault)
  })
})

describe('Route.decide', () => {
  it('agrees at once where nothing is to be asked', () => {
    const agreement = routeOf().decide(upgradeRequest(), opening)
    expect(agreement).toEqual({ data: undefined, protocol: undefined, headers: [] })
  })

  it('picks a subprotocol', () => {
    const route = routeOf({ subprotocols: ['b'] })
    expect(route.decide(upgradeRequest(), { ...opening, subprotocols: ['a', 'b'] })).toMatchObject({
      protocol: 'b',
    })
  })

  it('takes data and headers from the upgrade hook', () => {
    const route = routeOf(undefined, {
      upgrade({ params }, headers) {
        headers.append('Set-Cookie', 'a=1')
        headers.append('Set-Cookie', 'b=2')
        return { room: params.room }
      },
    })
    expect(route.decide(upgradeRequest(), opening)).toEqual({
      data: { room: 'blue' },
      protocol: undefined,
      headers: [
        ['set-cookie', 'a=1'],
        ['set-cookie', 'b=2'],
      ],
    })
  })

  it('waits for an async upgrade hook, and for a thenable of another kind', async () => {
    const later = routeOf(undefined, { upgrade: async () => 'later' })
    await expect(later.decide(upgradeRequest(), opening)).resolves.toMatchObject({ data: 'later' })
    // biome-ignore lint/suspicious/noThenProperty: promises of other libraries have it too
    const promise = { then: (resolve: (value: number) => void) => resolve(5) } as PromiseLike<number>
    const thenable = routeOf(undefined, { upgrade: () => promise })
    await expect(thenable.decide(upgradeRequest(), opening)).resolves.toMatchObject({ data: 5 })
  })

  it('takes data from the data option', async () => {
    const data = async (request: IncomingMessage) => request.headers.host
    await expect(routeOf({ data }).decide(upgradeRequest(), opening)).resolves.toMatchObject({
      data: 'server.example',
    })
  })

  it.each([null, undefined, 0, '', false])('takes %j for data', async (data) => {
    expect(await routeOf({ data: () => data }).decide(upgradeRequest(), opening)).toMatchObject({ data })
  })

  const rejection = new UpgradeRejection(401)
  const error = new Error('no')
  it.each([
    [
      'throws an UpgradeRejection',
      rejection,
      () => {
        throw rejection
      },
    ],
    ['returns an UpgradeRejection', rejection, () => rejection],
    ['resolves to an UpgradeRejection', rejection, async () => rejection],
    [
      'throws an error',
      error,
      () => {
        throw error
      },
    ],
    ['rejects with an error', error, () => Promise.reject(error)],
  ])('refuses when the hook %s', async (_, reason, upgrade) => {
    expect(await reasonOf(routeOf(undefined, { upgrade }).decide(upgradeRequest(), opening))).toBe(reason)
  })

  const response = () => new Response('no', { status: 402 })
  it.each([
    ['returns', () => response()],
    [
      'throws',
      () => {
        throw response()
      },
    ],
    ['resolves to', async () => response()],
    ['rejects with', () => Promise.reject(response())],
  ])('refuses with what it reads when the hook %s a Response', async (_, upgrade) => {
    const reason = await reasonOf(routeOf(undefined, { upgrade }).decide(upgradeRequest(), opening))
    expect(reason).toBeInstanceOf(UpgradeRejection)
    expect(reason).toMatchObject({ status: 402, body: new Uint8Array(Buffer.from('no')) })
  })

  it('refuses when the subprotocol function breaks its rules', async () => {
    const route = routeOf({ subprotocols: () => 'not offered' })
    const decision = route.decide(upgradeRequest(), { ...opening, subprotocols: ['a'] })
    expect(await reasonOf(decision)).toBeInstanceOf(TypeError)
  })

  it.each([
    ['the hook', () => new Promise<never>(() => {})],
    ['the body of a Response', () => new Response(new ReadableStream(), { status: 401 })],
  ])('refuses when %s takes longer than handshakeTimeout', async (_, upgrade) => {
    vi.useFakeTimers()
    const decision = routeOf({ handshakeTimeout: 50 }, { upgrade }).decide(upgradeRequest(), opening)
    await vi.advanceTimersByTimeAsync(50)
    expect(await reasonOf(decision)).toMatchObject({ code: 'UPWIRE_HANDSHAKE_TIMEOUT' })
    vi.useRealTimers()
  })
})
