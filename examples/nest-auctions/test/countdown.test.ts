import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { countdownTo } from '../src/countdown.ts'

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  vi.useRealTimers()
})

describe('countdownTo', () => {
  it('says at once how many seconds are left, then each full second, and ends with 0', () => {
    const { seen, isComplete } = watch(Date.now() + 2300)
    expect(seen).toEqual([3])
    vi.advanceTimersByTime(320)
    expect(seen).toEqual([3, 2])
    vi.advanceTimersByTime(1000)
    expect(seen).toEqual([3, 2, 1])
    expect(isComplete()).toBe(false)
    vi.advanceTimersByTime(1000)
    expect(seen).toEqual([3, 2, 1, 0])
    expect(isComplete()).toBe(true)
  })

  it('never says 0 before it is time', () => {
    const end = Date.now() + 1500
    const times: number[] = []
    countdownTo(end).subscribe((seconds) => {
      if (seconds === 0) times.push(Date.now())
    })
    vi.runAllTimers()
    expect(times).toEqual([end + 20])
  })

  it('is over at once when the time is', () => {
    const { seen, isComplete } = watch(Date.now() - 1)
    expect([seen, isComplete()]).toEqual([[0], true])
  })

  it('leaves no timer behind who stops to watch', () => {
    const { subscription } = watch(Date.now() + 10_000)
    expect(vi.getTimerCount()).toBe(1)
    subscription.unsubscribe()
    expect(vi.getTimerCount()).toBe(0)
  })
})

function watch(time: number) {
  const seen: number[] = []
  let complete = false
  const subscription = countdownTo(time).subscribe({
    next: (seconds) => seen.push(seconds),
    complete: () => {
      complete = true
    },
  })
  return { seen, subscription, isComplete: () => complete }
}
