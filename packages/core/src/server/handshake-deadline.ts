import { handshakeError } from '../handshake/handshake-error.ts'
import { MAX_DELAY } from '../routing/in-time.ts'
import { toRejection } from '../routing/refusal.ts'
import type { UpgradeResponse } from './upgrade-response.ts'

/** How long an application may take over one opening handshake. Late, it is answered for with 503. */
export class HandshakeDeadline {
  readonly #response: UpgradeResponse
  readonly #begin = performance.now()
  #milliseconds: number
  #timer: NodeJS.Timeout | undefined
  #isWatched = false

  /** In milliseconds from now, 0 for none. */
  constructor(response: UpgradeResponse, milliseconds: number) {
    this.#response = response
    this.#milliseconds = milliseconds
  }

  /** Moves the deadline: in milliseconds from the beginning, 0 for none. */
  set(milliseconds: number): void {
    if (milliseconds === this.#milliseconds) return
    this.#milliseconds = milliseconds
    if (this.#isWatched) this.#setTimer()
  }

  /** Sets the timer, once the application has the request: most handshakes are decided by then, and need none. */
  watch(): void {
    const { state } = this.#response
    if (state !== 'pending' && state !== 'accepting') return
    this.#isWatched = true
    this.#response.response.on('close', () => this.set(0))
    this.#setTimer()
  }

  #setTimer(): void {
    clearTimeout(this.#timer)
    if (this.#milliseconds === 0) return
    const remaining = this.#milliseconds - (performance.now() - this.#begin)
    this.#timer = setTimeout(() => this.#expire(), Math.min(remaining, MAX_DELAY))
  }

  #expire(): void {
    this.#response.expire(toRejection(handshakeError('UPWIRE_HANDSHAKE_TIMEOUT')))
  }
}
