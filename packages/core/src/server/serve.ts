import { HandshakeError } from '../handshake/handshake-error.ts'
import { Refusal } from '../routing/refusal.ts'
import type { Decision, Route } from '../routing/route.ts'
import type { UpgradeRequest } from '../routing/upgrade-request.ts'
import { accept, type Upgrade } from './accept.ts'
import type { OnError } from './error-path.ts'
import { refuseFor } from './refuse.ts'

/** Carries an opening handshake for `route` to its end: a connection, or an HTTP response. Never throws. */
export function serve<Data>(route: Route<Data>, upgrade: Upgrade<UpgradeRequest>, onError: OnError): void {
  const { request, stream, head } = upgrade
  const { params } = request
  const refuse = (reason: unknown): void => refuseFor(reason, stream, request, onError)

  const opening = route.check(request, stream)
  if (opening instanceof HandshakeError) return refuse(opening)

  const conclude = (decision: Decision<Data>): void => {
    if (decision instanceof Refusal) return refuse(decision.reason)
    try {
      accept({ request, stream, head, route, opening, agreement: decision, params, onError })
    } catch (reason) {
      refuse(reason)
    }
  }
  const decision = route.decide(request, opening)
  if (decision instanceof Promise) void decision.then(conclude)
  else conclude(decision)
}
