import { duplexPair } from '@upwire/testkit'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { checkShutdownOptions, type Remaining, shutDown } from '../../src/server/shutdown.ts'
import { WebSocket } from '../../src/websocket/websocket.ts'

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

function remaining(): Remaining & { end(): void } {
  let end = () => {}
  const over = new Promise<void>((resolve) => {
    end = resolve
  })
  const socket = new WebSocket(null)
  vi.spyOn(socket, 'close')
  vi.spyOn(socket, 'terminate')
  return { clients: new Set([socket]), pending: new Set([duplexPair()[0]]), over, end: () => end() }
}

describe('shutDown', () => {
  it('closes every connection with 1001 and resolves when all have ended', async () => {
    const { end, ...rest } = remaining()
    const done = shutDown(rest)
    for (const socket of rest.clients) expect(socket.close).toHaveBeenCalledExactlyOnceWith(1001, '')
    end()
    await done
    for (const socket of rest.clients) expect(socket.terminate).not.toHaveBeenCalled()
    for (const stream of rest.pending) expect(stream.destroyed).toBe(false)
  })

  it('closes with another code and reason where they are given', async () => {
    const { end, ...rest } = remaining()
    const done = shutDown(rest, { code: 1012, reason: 'restart' })
    for (const socket of rest.clients) expect(socket.close).toHaveBeenCalledWith(1012, 'restart')
    end()
    await done
  })

  it.each([
    [undefined, 5000],
    [{ deadline: 100 }, 100],
  ])('cuts off what has not ended at the deadline of %j', async (options, deadline) => {
    const { end, ...rest } = remaining()
    const done = shutDown(rest, options)
    await vi.advanceTimersByTimeAsync(deadline - 1)
    for (const socket of rest.clients) expect(socket.terminate).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(1)
    for (const socket of rest.clients) expect(socket.terminate).toHaveBeenCalledOnce()
    for (const stream of rest.pending) expect(stream.destroyed).toBe(true)
    end()
    await done
  })
})

describe('checkShutdownOptions', () => {
  it.each([undefined, {}, { code: 1012 }, { code: 4000, deadline: 0 }])('accepts %j', (options) => {
    expect(() => checkShutdownOptions(options)).not.toThrow()
  })

  it.each([
    [{ code: 1006 }, 'must be a valid error code number'],
    [{ code: 200 }, 'must be a valid error code number'],
    [{ reason: 'x'.repeat(124) }, 'must not be greater than 123 bytes'],
    [{ deadline: -1 }, 'close: deadline must be a time in milliseconds of at most 2147483647, not -1'],
    [
      { deadline: Number.NaN },
      'close: deadline must be a time in milliseconds of at most 2147483647, not NaN',
    ],
    [{ deadline: Number.POSITIVE_INFINITY }, 'not Infinity'],
  ])('refuses %j', (options, message) => {
    expect(() => checkShutdownOptions(options)).toThrow(message)
  })
})
