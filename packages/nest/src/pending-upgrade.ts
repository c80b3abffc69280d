import type { IncomingMessage, ServerResponse } from 'node:http'
import type { UpgradeRequest } from '@upwire/core'
import {
  accept,
  HandshakeError,
  handshakeError,
  MAX_DELAY,
  type OpeningRequest,
  Refusal,
  refuseFor,
  toRejection,
  type Upgrade,
  UpgradeRejection,
  UpgradeResponse,
} from '@upwire/core/internal'
import type { TakeOver } from './arrival.ts'
import type { GatewayMatch } from './gateway-port.ts'

const pending = new WeakMap<IncomingMessage, PendingUpgrade>()

/** An opening handshake on its way through the application. */
export class PendingUpgrade {
  readonly match: GatewayMatch
  readonly #upgrade: Upgrade
  readonly #response: UpgradeResponse
  readonly #opening: OpeningRequest

  static of(request: IncomingMessage): PendingUpgrade | undefined {
    return pending.get(request)
  }

  constructor(upgrade: Upgrade, match: GatewayMatch, opening: OpeningRequest) {
    const { handshakeTimeout } = match.gateway.route
    this.match = match
    this.#upgrade = upgrade
    this.#opening = opening
    this.#response = new UpgradeResponse(upgrade.request, upgrade.stream)
    if (handshakeTimeout > 0) this.#limit(handshakeTimeout)
    pending.set(upgrade.request, this)
  }

  get response(): ServerResponse {
    return this.#response.response
  }

  get isUndecided(): boolean {
    return this.#response.state === 'pending'
  }

  /**
   * Behind the middleware and the guards: opens the connection, or sends what was meant as an answer. `takeOver` is
   * called before that. Rejects with a fault, which is Nest's to answer.
   */
  async open(takeOver: TakeOver): Promise<void> {
    const { gateway, params } = this.match
    const { request, stream, head } = this.#upgrade
    const upgradeRequest: UpgradeRequest = Object.assign(request, { params })
    const { route, connections } = gateway
    const decision = await route.decide(upgradeRequest, this.#opening)
    if (!this.isUndecided) return
    if (decision instanceof Refusal) return this.#refuse(decision.reason, takeOver)
    if (connections.state !== 'open') return this.#refuse(handshakeError('UPWIRE_SHUTTING_DOWN'), takeOver)
    const agreed = { route, request: upgradeRequest, stream, head, params, opening: this.#opening }
    const onUserError = gateway.onUserError
    await takeOver()
    if (!this.isUndecided) return
    this.#response.accept((headers) => {
      try {
        accept({ ...agreed, agreement: decision, headers, onError: onUserError, onUserError })
      } catch (reason) {
        refuseFor(reason, stream, request, onUserError)
      }
    })
  }

  async #refuse(reason: unknown, takeOver: TakeOver): Promise<void> {
    const isMeant = reason instanceof UpgradeRejection || (reason instanceof HandshakeError && !reason.cause)
    if (!isMeant) throw reason instanceof HandshakeError ? reason.cause : reason
    await takeOver()
    if (this.isUndecided) this.#response.refuse(toRejection(reason))
  }

  #limit(milliseconds: number): void {
    const expire = () => this.#response.expire(toRejection(handshakeError('UPWIRE_HANDSHAKE_TIMEOUT')))
    const deadline = setTimeout(expire, Math.min(milliseconds, MAX_DELAY))
    this.response.once('close', () => clearTimeout(deadline))
  }
}
