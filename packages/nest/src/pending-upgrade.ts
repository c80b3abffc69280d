import type { IncomingMessage, ServerResponse } from 'node:http'
import type { UpgradeRequest } from '@upwire/core'
import {
  type Agreement,
  accept,
  HandshakeDeadline,
  HandshakeError,
  handshakeError,
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

/** What was found of a handshake before the application: what it asks for, or a fault of the application's own rules. */
export type Opening = OpeningRequest | HandshakeError

/**
 * Opens a connection that nobody in the application has a say in. Returns false, having done nothing, when somebody has:
 * a rule for subprotocols that refuses.
 */
export function acceptAtOnce(upgrade: Upgrade, match: GatewayMatch, opening: Opening): boolean {
  if (opening instanceof HandshakeError) return false
  const { gateway, params } = match
  const request: UpgradeRequest = Object.assign(upgrade.request, { params })
  const decision = gateway.route.decide(request, opening)
  if (decision instanceof Promise || decision instanceof Refusal) return false
  open({ upgrade, match, request, opening }, decision, [])
  return true
}

/** A request that has its handshake with it; decision 0027 says why not in a WeakMap. */
interface Carrier extends IncomingMessage {
  [PENDING]?: PendingUpgrade
}

const PENDING = Symbol('upwire.pendingUpgrade')

/** An opening handshake on its way through the application. */
export class PendingUpgrade {
  readonly match: GatewayMatch
  readonly #upgrade: Upgrade
  readonly #response: UpgradeResponse
  readonly #opening: Opening
  readonly #deadline: HandshakeDeadline

  static of(request: Carrier): PendingUpgrade | undefined {
    return request[PENDING]
  }

  constructor(upgrade: Upgrade, match: GatewayMatch, opening: Opening) {
    const { handshakeTimeout } = match.gateway.route
    this.match = match
    this.#upgrade = upgrade
    this.#opening = opening
    this.#response = new UpgradeResponse(upgrade.request, upgrade.stream)
    this.#deadline = new HandshakeDeadline(this.#response, handshakeTimeout)
    const carrier: Carrier = upgrade.request
    carrier[PENDING] = this
  }

  /** Begins to count the time, once the application has the request. */
  watch(): void {
    this.#deadline.watch()
  }

  get response(): ServerResponse {
    return this.#response.response
  }

  /** What Nest has to answer, in place of the guards. */
  get fault(): unknown {
    return this.#opening instanceof HandshakeError ? (this.#opening.cause ?? this.#opening) : undefined
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
    const opening = this.#opening
    if (opening instanceof HandshakeError) return
    const upgradeRequest: UpgradeRequest = Object.assign(this.#upgrade.request, { params })
    const { route, connections } = gateway
    const decision = await route.decide(upgradeRequest, opening)
    if (!this.isUndecided) return
    if (decision instanceof Refusal) return this.#refuse(decision.reason, takeOver)
    if (connections.state !== 'open') return this.#refuse(handshakeError('UPWIRE_SHUTTING_DOWN'), takeOver)
    await takeOver()
    if (!this.isUndecided) return
    const agreed = {
      upgrade: this.#upgrade,
      match: this.match,
      request: upgradeRequest,
      opening,
    }
    this.#response.accept((headers) => open(agreed, decision, headers))
  }

  async #refuse(reason: unknown, takeOver: TakeOver): Promise<void> {
    const isMeant = reason instanceof UpgradeRejection || (reason instanceof HandshakeError && !reason.cause)
    if (!isMeant) throw reason instanceof HandshakeError ? reason.cause : reason
    await takeOver()
    if (this.isUndecided) this.#response.refuse(toRejection(reason))
  }
}

interface Agreed {
  readonly upgrade: Upgrade
  readonly match: GatewayMatch
  readonly request: UpgradeRequest
  readonly opening: OpeningRequest
}

function open(
  { upgrade, match, request, opening }: Agreed,
  agreement: Agreement<unknown>,
  headers: Agreement<unknown>['headers'],
): void {
  const { stream, head } = upgrade
  const { params, gateway } = match
  const { route, onUserError } = gateway
  const onError = onUserError
  try {
    accept({ route, request, stream, head, params, opening, agreement, headers, onError, onUserError })
  } catch (reason) {
    refuseFor(reason, stream, request, onUserError)
  }
}
