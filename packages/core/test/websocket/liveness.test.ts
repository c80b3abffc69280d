import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type LimitOptions, resolveLimits } from '../../src/websocket/limits.ts'
import { type Activity, Liveness, type Verdict } from '../../src/websocket/liveness.ts'

const OFF = { pingInterval: 0, pongTimeout: 0, idleTimeout: 0, messageTimeout: 0, closeTimeout: 0 }
const QUIET: Activity = { unfinished: false, messages: 0, held: false, closing: false }
const START = 5000
const PERIOD = 10

/** A liveness that is judged every 10 ms, and the times and verdicts that were not 'alive'. */
function judged(options: LimitOptions) {
  const limits = resolveLimits({ ...OFF, ...options })
  const life = new Liveness(START)
  let now = START
  return {
    life,
    /** Judges until `end`, in milliseconds from the start, with this activity. */
    until(end: number, activity: Partial<Activity> = {}): [at: number, verdict: Verdict][] {
      const verdicts: [number, Verdict][] = []
      while (now < START + end) {
        now += PERIOD
        const verdict = life.judge(now, now + PERIOD, limits, { ...QUIET, ...activity })
        if (verdict !== 'alive') verdicts.push([now - START, verdict])
      }
      return verdicts
    },
    now: () => now,
  }
}

describe('a silent peer', () => {
  it('is pinged before the interval is over, and dead before the timeout is', () => {
    const { until } = judged({ pingInterval: 100, pongTimeout: 50 })
    expect(until(150).slice(0, 2)).toEqual([
      [100, 'ping'],
      [150, 'dead'],
    ])
  })

  it('is pinged again one interval after it was last heard of', () => {
    const { life, until, now } = judged({ pingInterval: 100, pongTimeout: 50 })
    expect(until(110)).toEqual([[100, 'ping']])
    life.heard(now())
    expect(until(200)).toEqual([])
    expect(until(210)).toEqual([[210, 'ping']])
  })

  it('is never pinged with an interval of 0', () => {
    expect(judged({ pongTimeout: 50 }).until(100_000)).toEqual([])
  })

  it('is pinged once and never dead with a timeout of 0', () => {
    expect(judged({ pingInterval: 100 }).until(10_000)).toEqual([[100, 'ping']])
  })
})

describe('a peer that is heard of', () => {
  it('is not pinged', () => {
    const { life, until, now } = judged({ pingInterval: 100, pongTimeout: 50 })
    for (let end = 90; end <= 900; end += 90) {
      expect(until(end)).toEqual([])
      life.heard(now())
    }
  })

  it('is not dead, whatever it sent instead of a Pong', () => {
    const { life, until, now } = judged({ pingInterval: 100, pongTimeout: 50 })
    expect(until(140)).toEqual([[100, 'ping']])
    life.heard(now())
    expect(until(180)).toEqual([])
  })
})

describe('a peer that we do not read from', () => {
  it('is neither pinged nor dead', () => {
    expect(judged({ pingInterval: 100, pongTimeout: 50 }).until(1000, { held: true })).toEqual([])
  })

  it('has a whole interval again when we read on', () => {
    const { until } = judged({ pingInterval: 100, pongTimeout: 50 })
    expect(until(110)).toEqual([[100, 'ping']])
    expect(until(1000, { held: true })).toEqual([])
    expect(until(1100)).toEqual([[1100, 'ping']])
  })
})

describe('the round-trip time', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'], now: 0 }))
  afterEach(() => void vi.useRealTimers())

  it('is what passes between the Ping and its Pong', () => {
    const { life, until } = judged({ pingInterval: 100 })
    vi.advanceTimersByTime(7)
    expect(until(100)).toEqual([[100, 'ping']])
    vi.advanceTimersByTime(12)
    expect(life.ponged()).toBe(12)
  })

  it('is not given by a Pong that nobody asked for', () => {
    const { life, until } = judged({ pingInterval: 100 })
    expect(life.ponged()).toBeUndefined()
    vi.advanceTimersByTime(7)
    until(100)
    life.ponged()
    expect(life.ponged()).toBeUndefined()
  })
})

describe('an idle connection', () => {
  it('is idle when the timeout has passed since its last message', () => {
    const { life, until, now } = judged({ idleTimeout: 100 })
    expect(until(80)).toEqual([])
    life.active(now())
    expect(until(179)).toEqual([[180, 'idle']])
  })

  it('is idle although its peer answers heartbeats', () => {
    const { life, until, now } = judged({ idleTimeout: 100 })
    expect(until(90)).toEqual([])
    life.heard(now())
    expect(until(100)).toEqual([[100, 'idle']])
  })

  it('is never idle with a timeout of 0', () => {
    expect(judged({}).until(100_000)).toEqual([])
  })
})

describe('an unfinished message', () => {
  it('is given its time', () => {
    const { until } = judged({ messageTimeout: 100 })
    expect(until(200)).toEqual([])
    expect(until(300, { unfinished: true })).toEqual([])
    expect(until(310, { unfinished: true })).toEqual([[310, 'unfinished']])
  })

  it('is another one after a message was finished', () => {
    const { until } = judged({ messageTimeout: 100 })
    for (let messages = 1; messages < 20; messages++) {
      expect(until(messages * 90, { unfinished: true, messages })).toEqual([])
    }
  })

  it('does not age while we do not read', () => {
    const { until } = judged({ messageTimeout: 100 })
    expect(until(90, { unfinished: true })).toEqual([])
    expect(until(900, { unfinished: true, held: true })).toEqual([])
    expect(until(1000, { unfinished: true })).toEqual([])
    expect(until(1010, { unfinished: true })).toEqual([[1010, 'unfinished']])
  })

  it('may take for ever with a timeout of 0', () => {
    expect(judged({}).until(100_000, { unfinished: true })).toEqual([])
  })
})

describe('a connection that is closing', () => {
  it('is over when the peer does not answer in time', () => {
    const { until } = judged({ closeTimeout: 100 })
    expect(until(500)).toEqual([])
    expect(until(600, { closing: true })).toEqual([])
    expect(until(610, { closing: true })).toEqual([[610, 'closing too long']])
  })

  it('may take for ever with a timeout of 0', () => {
    expect(judged({}).until(100_000, { closing: true })).toEqual([])
  })

  it('has no other deadline', () => {
    const options = { pingInterval: 20, pongTimeout: 20, idleTimeout: 20, messageTimeout: 20 }
    expect(judged(options).until(1000, { closing: true, unfinished: true })).toEqual([])
  })
})

describe('a liveness', () => {
  it('is calm, and need not be kept, while no deadline is under way', () => {
    const { life, until, now } = judged({ pingInterval: 100, pongTimeout: 50, closeTimeout: 100 })
    until(90)
    expect(life.isCalm).toBe(true)
    until(100)
    expect(life.isCalm, 'waiting for a Pong').toBe(false)
    life.heard(now())
    expect(life.isCalm).toBe(true)
    until(110, { unfinished: true })
    expect(life.isCalm, 'waiting for the rest of a message').toBe(false)
    until(120)
    expect(life.isCalm).toBe(true)
    until(130, { closing: true })
    expect(life.isCalm, 'waiting for a Close frame').toBe(false)
  })
})
