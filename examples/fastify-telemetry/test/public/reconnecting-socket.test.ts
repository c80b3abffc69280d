import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { pageModule } from './page-module.ts'

interface SocketModule {
  retryDelay(failures: number, random: () => number): number
  ReconnectingSocket: new (
    url: string,
  ) => EventTarget & {
    connect(): void
    send(message: unknown): boolean
    drop(): void
    hurry(): void
    stop(): void
  }
}

const { retryDelay, ReconnectingSocket } = await pageModule<SocketModule>('reconnecting-socket.js')

const LONGEST_FIRST_DELAY = 500

describe('retryDelay', () => {
  it.each([
    [0, 250, 500],
    [1, 500, 1000],
    [4, 4000, 8000],
    [5, 5000, 10_000],
    [2000, 5000, 10_000],
  ])('is, after %d failures, from %d to %d ms', (failures, shortest, longest) => {
    expect(retryDelay(failures, () => 0)).toBe(shortest)
    expect(retryDelay(failures, () => 1)).toBe(longest)
  })
})

describe('ReconnectingSocket', () => {
  beforeEach(() => {
    vi.useFakeTimers()
    vi.stubGlobal('WebSocket', PageWebSocket)
    PageWebSocket.made = []
  })

  afterEach(() => {
    vi.useRealTimers()
    vi.unstubAllGlobals()
  })

  it('sends and receives JSON', () => {
    const { socket, events } = connect()
    newest().open()
    expect(socket.send({ type: 'typing' })).toBe(true)
    expect(newest().sent).toEqual(['{"type":"typing"}'])
    newest().receive('{"type":"pong"}')
    expect(events).toEqual([['open'], ['message', { type: 'pong' }]])
  })

  it('sends nothing while it is not connected', () => {
    const { socket } = connect()
    expect(socket.send({ type: 'typing' })).toBe(false)
    expect(newest().sent).toEqual([])
  })

  it('comes back after a lost connection, and after one that could not be made', () => {
    const { events } = connect()
    newest().open()
    newest().lose(1006)
    vi.advanceTimersByTime(LONGEST_FIRST_DELAY)
    expect(PageWebSocket.made).toHaveLength(2)
    newest().lose(1006)
    vi.advanceTimersByTime(2 * LONGEST_FIRST_DELAY)
    expect(PageWebSocket.made).toHaveLength(3)
    newest().open()
    expect(events).toEqual([['open'], ['lost', 1006], ['lost', 1006], ['open']])
  })

  it('waits longer after each failure', () => {
    connect()
    for (const failures of [0, 1, 2, 3]) {
      newest().lose(1006)
      vi.advanceTimersByTime(retryDelay(failures, () => 0) - 1)
      expect(PageWebSocket.made).toHaveLength(failures + 1)
      vi.advanceTimersByTime(retryDelay(failures, () => 1))
      expect(PageWebSocket.made).toHaveLength(failures + 2)
    }
  })

  it('waits as shortly as at first after a connection that lasted', () => {
    connect()
    newest().lose(1006)
    vi.advanceTimersByTime(LONGEST_FIRST_DELAY)
    newest().open()
    vi.advanceTimersByTime(10_001)
    newest().lose(1001)
    vi.advanceTimersByTime(LONGEST_FIRST_DELAY)
    expect(PageWebSocket.made).toHaveLength(3)
  })

  it('drops a connection that does not answer, and hears no more of it', () => {
    const { socket, events } = connect()
    newest().open()
    const dead = newest()
    socket.drop()
    expect(dead.isClosed).toBe(true)
    dead.lose(1006)
    vi.advanceTimersByTime(LONGEST_FIRST_DELAY)
    expect(PageWebSocket.made).toHaveLength(2)
    expect(events).toEqual([['open'], ['lost', 1006]])
  })

  it('tries at once when it is told to hurry, but leaves a try alone that is under way', () => {
    const { socket } = connect()
    newest().lose(1006)
    socket.hurry()
    expect(PageWebSocket.made).toHaveLength(2)
    socket.hurry()
    vi.advanceTimersByTime(LONGEST_FIRST_DELAY)
    expect(PageWebSocket.made).toHaveLength(2)
  })

  it('does not come back once it is stopped', () => {
    const { socket } = connect()
    newest().lose(4401)
    socket.stop()
    socket.hurry()
    vi.runAllTimers()
    expect(PageWebSocket.made).toHaveLength(1)
  })
})

/** What a browser gives a page, moved by the test. */
class PageWebSocket extends EventTarget {
  static readonly OPEN = 1
  static made: PageWebSocket[] = []

  readonly sent: string[] = []
  readonly url: string
  isClosed = false
  readyState = 0

  constructor(url: string) {
    super()
    this.url = url
    PageWebSocket.made.push(this)
  }

  send(data: string): void {
    this.sent.push(data)
  }

  close(): void {
    this.isClosed = true
  }

  open(): void {
    this.readyState = PageWebSocket.OPEN
    this.dispatchEvent(new Event('open'))
  }

  receive(data: string): void {
    this.dispatchEvent(new MessageEvent('message', { data }))
  }

  lose(code: number): void {
    this.readyState = 3
    this.dispatchEvent(Object.assign(new Event('close'), { code }))
  }
}

function newest(): PageWebSocket {
  return PageWebSocket.made.at(-1)!
}

function connect() {
  const socket = new ReconnectingSocket('ws://localhost/rooms/lounge')
  const events: unknown[][] = []
  for (const type of ['open', 'message', 'lost']) {
    socket.addEventListener(type, (event) => {
      const { detail } = event as CustomEvent
      events.push(detail === null ? [type] : [type, detail])
    })
  }
  socket.connect()
  return { socket, events }
}
