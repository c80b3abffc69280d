import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Beating, Heartbeat, heartbeatFor, milliseconds } from '../../src/websocket/heartbeat.ts'
import { type LimitOptions, resolveLimits } from '../../src/websocket/limits.ts'

/** A member that writes down each look as `[now, next]`, from the time it was made. */
class Witness implements Beating {
  readonly looks: [now: number, next: number][] = []
  readonly #start = milliseconds()

  beat(now: number, next: number): void {
    this.looks.push([now - this.#start, next - this.#start])
  }
}

function witnesses(count: number): Witness[] {
  return Array.from({ length: count }, () => new Witness())
}

beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'], now: 0 }))
afterEach(() => void vi.useRealTimers())

describe('a heartbeat', () => {
  it('has one timer for 1,000 members, and none with the last one gone', () => {
    const heartbeat = new Heartbeat(100)
    const members = witnesses(1000)
    expect(vi.getTimerCount()).toBe(0)
    for (const member of members) heartbeat.join(member)
    expect(vi.getTimerCount()).toBe(1)
    for (const member of members.slice(1)) heartbeat.leave(member)
    expect(vi.getTimerCount()).toBe(1)
    heartbeat.leave(members[0])
    expect(vi.getTimerCount()).toBe(0)
  })

  it('looks at every member once a period, and says when the next look will be', () => {
    const heartbeat = new Heartbeat(100)
    const [first, second] = witnesses(2)
    heartbeat.join(first)
    heartbeat.join(second)
    vi.advanceTimersByTime(250)
    expect(first.looks).toEqual([
      [100, 200],
      [200, 300],
    ])
    expect(second.looks).toEqual(first.looks)
    heartbeat.leave(first)
    vi.advanceTimersByTime(100)
    expect([first.looks.length, second.looks.length]).toEqual([2, 3])
    heartbeat.leave(second)
  })

  it('does not look again at a member that left while another was looked at', () => {
    const heartbeat = new Heartbeat(100)
    const witness = new Witness()
    const leader = { beat: () => heartbeat.leave(witness) }
    heartbeat.join(leader)
    heartbeat.join(witness)
    vi.advanceTimersByTime(300)
    expect(witness.looks).toEqual([])
    heartbeat.leave(leader)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('tells the time of its last look', () => {
    const heartbeat = new Heartbeat(100)
    const member = new Witness()
    heartbeat.join(member)
    const start = heartbeat.now
    vi.advanceTimersByTime(199)
    expect(heartbeat.now - start).toBe(100)
    heartbeat.leave(member)
  })

  it('tells the present time to the first member that joins after a pause', () => {
    const heartbeat = new Heartbeat(100)
    const member = new Witness()
    heartbeat.join(member)
    heartbeat.leave(member)
    vi.advanceTimersByTime(3_600_000)
    heartbeat.join(member)
    expect(heartbeat.now).toBe(milliseconds())
    heartbeat.leave(member)
  })

  it('does not mind a member that leaves twice or was never there', () => {
    const heartbeat = new Heartbeat(100)
    const member = new Witness()
    heartbeat.leave(member)
    heartbeat.join(member)
    heartbeat.leave(member)
    heartbeat.leave(member)
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('the timer of a heartbeat', () => {
  it('does not keep the process alive', () => {
    vi.useRealTimers()
    const before = process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length
    const heartbeat = new Heartbeat(100)
    const member = new Witness()
    heartbeat.join(member)
    expect(process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout')).toHaveLength(before)
    heartbeat.leave(member)
  })
})

describe('the heartbeat for limits', () => {
  const periodOf = (options: LimitOptions) => {
    const heartbeat = heartbeatFor(resolveLimits(options))
    const member = new Witness()
    heartbeat.join(member)
    vi.advanceTimersByTime(10_000)
    heartbeat.leave(member)
    const [now, next] = member.looks[0]
    return next - now
  }
  const none = { pingInterval: 0, pongTimeout: 0, idleTimeout: 0, messageTimeout: 0, closeTimeout: 0 }

  it('looks once a second by default', () => {
    expect(periodOf({})).toBe(1000)
  })

  it.each(['pingInterval', 'pongTimeout', 'idleTimeout', 'messageTimeout', 'closeTimeout'])(
    'looks four times in a short %s',
    (name) => {
      expect(periodOf({ [name]: 200 })).toBe(50)
    },
  )

  it('looks no more often than every 5 ms and no less than every second', () => {
    expect(periodOf({ idleTimeout: 1 })).toBe(5)
    expect(periodOf({ ...none, idleTimeout: 86_400_000 })).toBe(1000)
    expect(periodOf(none)).toBe(1000)
    expect(periodOf({ ...none, closeTimeout: Number.POSITIVE_INFINITY })).toBe(1000)
  })

  it('is one for all limits with like deadlines, and another for others', () => {
    const limits = { pingInterval: 400, maxPayload: 1 }
    const heartbeat = heartbeatFor(resolveLimits(limits))
    expect(heartbeatFor(resolveLimits({ ...limits, maxPayload: 2 }))).toBe(heartbeat)
    expect(heartbeatFor(resolveLimits({ ...limits, pingInterval: 800 }))).not.toBe(heartbeat)
  })
})

describe('the time', () => {
  it('goes by in whole milliseconds, and is never 0', () => {
    const start = milliseconds()
    expect([performance.now(), start]).toEqual([0, 1])
    vi.advanceTimersByTime(12.75)
    expect(milliseconds() - start).toBe(12)
  })
})
