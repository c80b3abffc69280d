import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Upgrade } from './accept.ts'
import { HandshakeDeadline } from './handshake-deadline.ts'
import { UpgradeResponse } from './upgrade-response.ts'

/** A request that has its handshake with it; decision 0027 says why not in a WeakMap. */
interface Carrier extends IncomingMessage {
  [PENDING]?: PendingHandshake
}

const PENDING = Symbol('upwire.pendingHandshake')

/** An opening handshake on its way through a framework: found again by its request, answered, and limited in time. */
export class PendingHandshake {
  protected readonly upgrade: Upgrade
  protected readonly upgradeResponse: UpgradeResponse
  protected readonly deadline: HandshakeDeadline

  /** `handshakeTimeout` is in milliseconds, 0 for none. */
  constructor(upgrade: Upgrade, handshakeTimeout: number) {
    this.upgrade = upgrade
    this.upgradeResponse = new UpgradeResponse(upgrade.request, upgrade.stream)
    this.deadline = new HandshakeDeadline(this.upgradeResponse, handshakeTimeout)
    const carrier: Carrier = upgrade.request
    carrier[PENDING] = this
  }

  /** What the framework is given. */
  get response(): ServerResponse {
    return this.upgradeResponse.response
  }

  /** Begins to count the time, once the framework has the request. */
  watch(): void {
    this.deadline.watch()
  }
}

/** The handshake of that class that a request began. */
export function pendingHandshakeOf<Pending extends PendingHandshake>(
  kind: abstract new (...args: never[]) => Pending,
  request: Carrier,
): Pending | undefined {
  const pending = request[PENDING]
  return pending instanceof kind ? pending : undefined
}
