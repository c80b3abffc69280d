import type { IncomingMessage } from 'node:http'
import type { UpgradeRequest } from '@upwire/core'
import {
  type Agreement,
  accept,
  HandshakeError,
  handshakeError,
  type OpeningRequest,
  PendingHandshake,
  pendingHandshakeOf,
  Refusal,
  refuseFor,
  toRejection,
  type Upgrade,
  UpgradeRejection,
} from '@upwire/core/internal'
import type { Arrival, TakeOver } from './arrival.ts'
import type { GatewayMatch } from './gateway-port.ts'

/** What was found of a handshake before the application: what it asks for, or a fault of the application's own rules. */
export type Opening = OpeningRequest | HandshakeError

/**
 * Opens a connection that nobody in the application has a say in. Returns false, having sent nothing, where that cannot be
 * decided at once, or the rule for subprotocols refuses; that rule is asked again then.
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

/** An opening handshake on its way through the application. */
export class PendingUpgrade extends PendingHandshake {
  readonly match: GatewayMatch
  readonly #opening: Opening

  static of(request: IncomingMessage): PendingUpgrade | undefined {
    return pendingHandshakeOf(PendingUpgrade, request)
  }

  constructor(upgrade: Upgrade, match: GatewayMatch, opening: Opening) {
    super(upgrade, match.gateway.route.handshakeTimeout)
    this.match = match
    this.#opening = opening
  }

  /**
   * Behind the middleware: asks the guards, then opens the connection, or sends what was meant as an answer. Rejects with
   * a fault, which is Nest's to answer.
   */
  async arrive({ args, takeOver }: Arrival): Promise<void> {
    const opening = this.#opening
    if (opening instanceof HandshakeError) throw opening.cause ?? opening
    const { gateway, params } = this.match
    const { request } = this.upgrade
    Object.assign(Object(args[0]), { params })
    await gateway.guard(args)
    takeIdentity(request, args)
    await this.#open(Object.assign(request, { params }), opening, takeOver)
  }

  async #open(request: UpgradeRequest, opening: OpeningRequest, takeOver: TakeOver): Promise<void> {
    const { route, connections } = this.match.gateway
    const decision = await route.decide(request, opening)
    if (!this.#isUndecided) return
    if (decision instanceof Refusal) return this.#refuse(decision.reason, takeOver)
    if (connections.state !== 'open') return this.#refuse(handshakeError('UPWIRE_SHUTTING_DOWN'), takeOver)
    await takeOver()
    if (!this.#isUndecided) return
    const agreed = { upgrade: this.upgrade, match: this.match, request, opening }
    this.upgradeResponse.accept((headers) => open(agreed, decision, headers))
  }

  get #isUndecided(): boolean {
    return this.upgradeResponse.state === 'pending'
  }

  async #refuse(reason: unknown, takeOver: TakeOver): Promise<void> {
    const isMeant = reason instanceof UpgradeRejection || (reason instanceof HandshakeError && !reason.cause)
    if (!isMeant) throw reason instanceof HandshakeError ? reason.cause : reason
    await takeOver()
    if (this.#isUndecided) this.upgradeResponse.refuse(toRejection(reason))
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

/** On Fastify guards see a request of its own, and leave there whom they have found. */
function takeIdentity(request: object, [guarded]: unknown[]): void {
  if (guarded === request || Reflect.has(request, 'user')) return
  const user: unknown = Reflect.get(Object(guarded), 'user')
  if (user !== undefined) Object.assign(request, { user })
}
