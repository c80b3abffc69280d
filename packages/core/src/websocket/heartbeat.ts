import type { Limits } from './limits.ts'

/** Something with deadlines, looked at now and then. */
export interface Beating {
  /** `now` is in milliseconds, `next` when the next look will be. */
  beat(now: number, next: number): void
}

const LONGEST_PERIOD_MS = 1000
const SHORTEST_PERIOD_MS = 5
const LOOKS_PER_DEADLINE = 4

/**
 * The one timer that all connections with like deadlines share: a connection costs an entry in a set, and no timer of
 * its own. It stops with the last connection and never keeps the process alive.
 */
export class Heartbeat {
  readonly #period: number
  readonly #members = new Set<Beating>()
  #timer: NodeJS.Timeout | undefined
  #now = milliseconds()

  constructor(period: number) {
    this.#period = period
  }

  /** The time of the last look in milliseconds: what a connection notes per chunk, without asking the clock. */
  get now(): number {
    return this.#now
  }

  join(member: Beating): void {
    this.#members.add(member)
    if (this.#timer !== undefined) return
    this.#now = milliseconds()
    this.#timer = setInterval(() => this.#beat(), this.#period)
    this.#timer.unref()
  }

  leave(member: Beating): void {
    this.#members.delete(member)
    if (this.#members.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  #beat(): void {
    this.#now = milliseconds()
    const next = this.#now + this.#period
    for (const member of this.#members) member.beat(this.#now, next)
  }
}

const heartbeats = new Map<number, Heartbeat>()

/** The heartbeat that looks often enough for these limits. */
export function heartbeatFor(limits: Limits): Heartbeat {
  const { pingInterval, pongTimeout, idleTimeout, messageTimeout, closeTimeout } = limits
  const deadlines = [pingInterval, pongTimeout, idleTimeout, messageTimeout, closeTimeout].filter(
    (time) => time > 0,
  )
  const wanted = Math.floor(Math.min(...deadlines) / LOOKS_PER_DEADLINE)
  const period = Math.min(Math.max(wanted, SHORTEST_PERIOD_MS), LONGEST_PERIOD_MS)
  let heartbeat = heartbeats.get(period)
  if (!heartbeat) {
    heartbeat = new Heartbeat(period)
    heartbeats.set(period, heartbeat)
  }
  return heartbeat
}

/**
 * Whole milliseconds since the process began: small integers, which cost a connection no memory of their own. Never 0,
 * also by a clock that a test has set to its start.
 */
export function milliseconds(): number {
  return Math.floor(performance.now()) + 1
}
