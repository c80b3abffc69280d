import { once } from 'node:events'
import { describe, expect, it, vi } from 'vitest'
import { type Attempt, attemptIsOver, setConnector } from '../../src/websocket/connector.ts'
import { WebSocket } from '../../src/websocket/websocket.ts'

describe('a socket with an address', () => {
  it('says so where there is nothing to connect by', () => {
    expect(() => new WebSocket('ws://server.example')).toThrow('the client of @upwire/core was not loaded')
  })

  it('is in the state of its attempt, and gives it up by close() and terminate()', () => {
    const attempt = {
      url: 'ws://a/',
      readyState: 0,
      redirects: 2,
      request: 'the request',
      start: vi.fn(),
      abort: vi.fn(),
      userError: vi.fn(),
    }
    const connect = vi.fn(() => attempt as unknown as Attempt)
    setConnector({ attempt: connect, terms: vi.fn() })
    const socket = new WebSocket('ws://a', ['b'], { maxPayload: 1 })
    expect(connect.mock.calls).toEqual([[socket, 'ws://a', ['b'], { maxPayload: 1 }]])
    expect([socket.url, socket.readyState, attempt.start.mock.calls]).toEqual(['ws://a/', 0, [[]]])
    expect([socket._redirects, socket._req, socket._isServer]).toEqual([2, 'the request', false])
    socket.close(4000)
    socket.terminate()
    expect(attempt.abort).toHaveBeenCalledTimes(2)
    attempt.readyState = 3
    expect(socket.readyState).toBe(WebSocket.CLOSED)
    socket.close(4000)
    expect(attempt.abort).toHaveBeenCalledTimes(2)
  })
})

describe('an attempt that is over', () => {
  it('has its address and its redirects, and is CLOSED whatever it is asked', () => {
    const attempt = attemptIsOver({ url: 'ws://a/', redirects: 1 })
    attempt.start()
    attempt.abort()
    expect(attempt).toMatchObject({ url: 'ws://a/', redirects: 1, readyState: 3, request: undefined })
  })

  it('has what user code rejects with an uncaught exception', async () => {
    const fault = new Error('late')
    const uncaught = once(process, 'uncaughtException')
    attemptIsOver().userError(fault)
    expect((await uncaught)[0]).toBe(fault)
  })

  it('has neither where there was none', () => {
    expect(attemptIsOver()).toMatchObject({ url: '', redirects: 0 })
  })
})
