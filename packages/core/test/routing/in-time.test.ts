import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { inTime } from '../../src/routing/in-time.ts'

const never = new Promise<never>(() => {})

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

describe('inTime', () => {
  it('gives what the decision gives, and leaves no timer', async () => {
    await expect(inTime(Promise.resolve('yes'), 1000)).resolves.toBe('yes')
  })

  it('rejects with what the decision rejects with, and leaves no timer', async () => {
    await expect(inTime(Promise.reject(new Error('no')), 1000)).rejects.toThrow('no')
  })

  it('rejects with 503 and the reason when the time is over', async () => {
    const late = expect(inTime(never, 1000)).rejects.toMatchObject({
      code: 'UPWIRE_HANDSHAKE_TIMEOUT',
      status: 503,
      cause: { message: 'The decision before the 101 took longer than handshakeTimeout, 1000 ms' },
    })
    await vi.advanceTimersByTimeAsync(1000)
    await late
  })

  it('drops what comes late, a rejection too', async () => {
    let reject = (_error: Error) => {}
    const decision = new Promise<never>((_, refuse) => {
      reject = refuse
    })
    const late = expect(inTime(decision, 1000)).rejects.toMatchObject({ code: 'UPWIRE_HANDSHAKE_TIMEOUT' })
    await vi.advanceTimersByTimeAsync(1000)
    await late
    reject(new Error('late'))
    await vi.advanceTimersByTimeAsync(1)
  })

  it('waits as long as it takes with 0', async () => {
    const waiting = vi.fn()
    inTime(never, 0).catch(waiting)
    await vi.advanceTimersByTimeAsync(2 ** 31)
    expect(waiting).not.toHaveBeenCalled()
  })

  it.each([2 ** 31, Number.POSITIVE_INFINITY])(
    'does not take %d ms for no time at all',
    async (milliseconds) => {
      const late = vi.fn()
      inTime(never, milliseconds).catch(late)
      await vi.advanceTimersByTimeAsync(1000)
      expect(late).not.toHaveBeenCalled()
      await vi.advanceTimersByTimeAsync(2 ** 31)
    },
  )
})
