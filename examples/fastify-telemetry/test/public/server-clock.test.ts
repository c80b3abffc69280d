import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { pageModule } from './page-module.ts'

const { ServerClock } = await pageModule<{
  ServerClock: new () => {
    set(now: number): void
    now(): number
    isRunning: boolean
    stop(): void
    run(): void
  }
}>('server-clock.js')

describe('ServerClock', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })

  afterEach(() => {
    vi.useRealTimers()
  })

  it('goes as the one of the server, whatever the page has for a time', () => {
    const clock = new ServerClock()
    clock.set(5000)
    vi.advanceTimersByTime(250)
    expect(clock.now()).toBe(5250)
  })

  it('stands still until it may run, and is right again then', () => {
    const clock = new ServerClock()
    clock.set(5000)
    clock.stop()
    vi.advanceTimersByTime(250)
    expect([clock.now(), clock.isRunning]).toEqual([5000, false])
    clock.run()
    expect([clock.now(), clock.isRunning]).toEqual([5250, true])
  })
})
