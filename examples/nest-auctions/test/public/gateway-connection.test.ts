import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { pageModule } from './page-module.ts'

interface ConnectionModule {
  GatewayConnection: new (
    url: string,
  ) => EventTarget & { connect(): void; send(event: string, data?: unknown): boolean; hurry(): void }
}

const { GatewayConnection } = await pageModule<ConnectionModule>('gateway-connection.js')

/** A WebSocket as browsers have it, whose server is the test. */
class FakeSocket extends EventTarget {
  static readonly OPEN = 1
  static readonly all: FakeSocket[] = []
  readonly sent: string[] = []
  readyState = 0

  constructor() {
    super()
    FakeSocket.all.push(this)
  }

  send(data: string): void {
    this.sent.push(data)
  }

  receive(message: object): void {
    this.readyState = FakeSocket.OPEN
    this.dispatchEvent(Object.assign(new Event('message'), { data: JSON.stringify(message) }))
  }

  end(): void {
    this.readyState = 3
    this.dispatchEvent(new Event('close'))
  }
}

beforeEach(() => {
  FakeSocket.all.length = 0
  vi.stubGlobal('WebSocket', FakeSocket)
  vi.spyOn(Math, 'random').mockReturnValue(1)
  vi.useFakeTimers()
})

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

describe('GatewayConnection', () => {
  it('turns messages of the gateway into events', () => {
    const { connection, socket } = connect()
    const heard: unknown[] = []
    connection.addEventListener('bid', (event) => heard.push((event as CustomEvent).detail))
    socket().receive({ event: 'bid', data: { amount: 5 } })
    expect(heard).toEqual([{ amount: 5 }])
  })

  it('sends as the gateway reads, once there is a connection', () => {
    const { connection, socket } = connect()
    expect(connection.send('bid', { amount: 5 })).toBe(false)
    socket().receive({ event: 'auction' })
    expect(connection.send('bid', { amount: 5 })).toBe(true)
    expect(socket().sent).toEqual(['{"event":"bid","data":{"amount":5}}'])
  })

  it('says that it is lost, and comes back later after each failure, and no later than after 8 seconds', () => {
    const { connection, socket } = connect()
    const lost = vi.fn()
    connection.addEventListener('lost', lost)
    for (const delay of [500, 1000, 2000, 4000, 8000, 8000]) {
      const { length } = FakeSocket.all
      socket().end()
      vi.advanceTimersByTime(delay - 1)
      expect(FakeSocket.all).toHaveLength(length)
      vi.advanceTimersByTime(1)
      expect(FakeSocket.all).toHaveLength(length + 1)
    }
    expect(lost).toHaveBeenCalledTimes(6)
  })

  it('comes back soon when it has heard of the gateway', () => {
    const { socket } = connect()
    socket().end()
    vi.advanceTimersByTime(500)
    socket().receive({ event: 'auction' })
    socket().end()
    vi.advanceTimersByTime(500)
    expect(FakeSocket.all).toHaveLength(3)
  })

  it('hurries if it waits, and only then', () => {
    const { connection, socket } = connect()
    connection.hurry()
    expect(FakeSocket.all).toHaveLength(1)
    socket().end()
    connection.hurry()
    expect(FakeSocket.all).toHaveLength(2)
    vi.advanceTimersByTime(10_000)
    expect(FakeSocket.all).toHaveLength(2)
  })
})

function connect() {
  const connection = new GatewayConnection('ws://localhost/auctions/lamp')
  connection.connect()
  return { connection, socket: () => FakeSocket.all.at(-1)! }
}
