import type { IncomingMessage, ServerResponse } from 'node:http'
import {
  type AgreedUpgrade,
  accept,
  type Connections,
  HandshakeError,
  handshakeError,
  type OpeningRequest,
  PendingHandshake,
  pendingHandshakeOf,
  Refusal,
  type Route,
  refuseFor,
  toRejection,
  type Upgrade,
  UpgradeRejection,
} from '@upwire/core/internal'
import type { Next } from './express-internals.ts'
import type { RouteRequest, UpwireOptions } from './express-types.ts'

/** What `next()` takes for "go on". */
const NO_ERRORS: readonly unknown[] = [undefined, null, false, 0, '', 'route', 'router']

/** The application that is given upgrades. */
export interface UpgradeHost {
  readonly connections: Connections
  readonly options: UpwireOptions
  readonly handshakeTimeout: number
  /** Where errors after the 101 go when no error middleware would see them. */
  readonly errorLog: ((error: unknown) => void) | undefined
  /** Tells error middleware of an error when Express has told it of one for this request already. */
  reportAgain(error: unknown, request: IncomingMessage, response: ServerResponse): void
}

/** What the application has agreed to. */
type Agreed<Data> = Pick<
  AgreedUpgrade<Data, RouteRequest>,
  'route' | 'request' | 'opening' | 'agreement' | 'headers'
>

/** An opening handshake on its way through the middleware of an application. */
export class PendingUpgrade extends PendingHandshake {
  /** The application that was given the request. */
  readonly host: UpgradeHost
  #opening: OpeningRequest | undefined

  static of(request: IncomingMessage): PendingUpgrade | undefined {
    return pendingHandshakeOf(PendingUpgrade, request)
  }

  constructor(upgrade: Upgrade, host: UpgradeHost) {
    super(upgrade, host.handshakeTimeout)
    this.host = host
  }

  get isAccepted(): boolean {
    return this.upgradeResponse.state === 'accepted'
  }

  /** In front of a route's middleware: only a handshake that may become a connection goes on. */
  check<Data>(route: Route<Data, RouteRequest>, next: Next): void {
    if (!this.#isUndecided(next)) return
    const { request, stream } = this.upgrade
    const opening = route.check(request, stream)
    if (opening instanceof HandshakeError) return this.#refuse(opening, next)
    this.#opening = opening
    this.deadline.set(route.handshakeTimeout)
    next()
  }

  /** Behind a route's middleware: asks the handler, and opens the connection. Rejects with what middleware throws. */
  async open<Data>(route: Route<Data, RouteRequest>, request: RouteRequest, next: Next): Promise<void> {
    const opening = this.#opening
    if (!opening || !this.#isUndecided(next)) return
    const asked = route.decide(request, opening)
    const decision = asked instanceof Promise ? await asked : asked
    if (decision instanceof Refusal) return this.#refuse(decision.reason, next)
    if (!this.#isUndecided(next)) return
    if (this.host.connections.state !== 'open') {
      return this.#refuse(handshakeError('UPWIRE_SHUTTING_DOWN'), next)
    }
    this.upgradeResponse.accept((headers) => {
      this.#switchProtocols({ route, request, opening, agreement: decision, headers }, next)
    })
  }

  /** Middleware may have answered and gone on all the same, or been overtaken by the peer or the deadline. */
  #isUndecided(next: Next): boolean {
    const { state } = this.upgradeResponse
    if (state === 'answered') {
      next(
        new Error(
          'The WebSocket cannot open, for the response is sent: middleware that answers must not call next()',
        ),
      )
    }
    return state === 'pending'
  }

  /** What is meant as an answer is sent; what is a fault takes the way of every error in Express. */
  #refuse(reason: unknown, next: Next): void {
    const isMeant = reason instanceof UpgradeRejection || (reason instanceof HandshakeError && !reason.cause)
    if (!isMeant) next(errorFor(reason instanceof HandshakeError ? reason.cause : reason))
    else if (this.#isUndecided(next)) this.upgradeResponse.refuse(toRejection(reason))
  }

  #switchProtocols<Data>({ route, request, opening, agreement, headers }: Agreed<Data>, next: Next): void {
    const { stream, head } = this.upgrade
    let report = next
    const onError = (error: unknown): void => {
      const tell = report
      report = (later) => this.host.reportAgain(later, request, this.response)
      tell(errorFor(error))
    }
    const { errorLog: onUserError } = this.host
    try {
      const params = paramsOf(request)
      accept({ route, request, stream, head, opening, agreement, headers, params, onError, onUserError })
    } catch (reason) {
      refuseFor(reason, stream, request, onError)
    }
  }
}

/** An error that `next()` takes for one, whatever was thrown. */
function errorFor(reason: unknown): unknown {
  return NO_ERRORS.includes(reason) ? new Error(`The WebSocket handler failed with ${reason}`) : reason
}

/** Wildcards of Express 5 are lists of segments. */
function paramsOf({ params }: RouteRequest): Record<string, string> {
  const entries = Object.entries(params).filter(([, value]) => value !== undefined)
  return Object.fromEntries(entries.map(([name, value]) => [name, [value].flat().join('/')]))
}
