/** A peer may save up this much of its rate for a burst. */
const BURST_SECONDS = 10
const MS_PER_SECOND = 1000

/** Counts a peer's messages against its rate, as a bucket that fills with time and pays one token a message. */
export class MessageRate {
  readonly #perSecond: number
  #tokens: number
  #filledAt: number

  constructor(perSecond: number, now: number) {
    this.#perSecond = perSecond
    this.#tokens = perSecond * BURST_SECONDS
    this.#filledAt = now
  }

  /** Pays for one message, or returns false where the peer has sent too many. `now` is in milliseconds. */
  pay(now: number): boolean {
    const earned = ((now - this.#filledAt) / MS_PER_SECOND) * this.#perSecond
    this.#tokens = Math.min(this.#tokens + earned, this.#perSecond * BURST_SECONDS)
    this.#filledAt = now
    if (this.#tokens < 1) return false
    this.#tokens -= 1
    return true
  }
}
