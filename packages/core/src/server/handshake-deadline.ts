import { handshakeError } from '../handshake/handshake-error.ts'
import { MAX_DELAY } from '../routing/in-time.ts'
import { toRejection } from '../routing/refusal.ts'
import type { UpgradeResponse } from './upgrade-response.ts'

/** How long an application may take over one opening handshake. Late, it is answered for with 503. */
export class HandshakeDeadline {
  readonly #response: UpgradeResponse
  readonly #begin = performance.now()
  #milliseconds = 0
  #timer: NodeJS.Timeout | undefined

  /** In milliseconds from now, 0 for none. */
  constructor(response: UpgradeResponse, milliseconds: number) {
    this.#response = response
    response.response.once('close', () => this.set(0))
    this.set(milliseconds)
  }

  /** Moves the deadline: in milliseconds from the beginning, 0 for none. */
  set(milliseconds: number): void {
    if (milliseconds === this.#milliseconds) return
    clearTimeout(this.#timer)
    this.#milliseconds = milliseconds
    if (milliseconds === 0) return
    const remaining = milliseconds - (performance.now() - this.#begin)
    this.#timer = setTimeout(() => this.#expire(), Math.min(remaining, MAX_DELAY))
  }

  #expire(): void {
    this.#response.expire(toRejection(handshakeError('UPWIRE_HANDSHAKE_TIMEOUT')))
  }
}
