import { type Heartbeat, heartbeatFor } from './heartbeat.ts'
import type { ConnectionSettings } from './opening.ts'
import { Pool } from './pool.ts'
import { Receiver } from './receiver.ts'

/** Receivers of one route that may wait for work. More are only needed while many peers leave messages unfinished. */
const MOST_FREE_RECEIVERS = 16

/** What the settings of a route come to, worked out with its first connection. */
export interface Plan {
  readonly settings: ConnectionSettings
  readonly heartbeat: Heartbeat
  readonly receivers: Pool<Receiver>
}

const plans = new WeakMap<object, unknown>()

export function planFor(settings: ConnectionSettings): Plan {
  const made = plans.get(settings) as Plan | undefined
  if (made) return made
  const { role, limits, budget } = settings
  const plan: Plan = {
    settings,
    heartbeat: heartbeatFor(limits),
    receivers: new Pool(() => new Receiver(role, { ...limits, budget }), MOST_FREE_RECEIVERS),
  }
  plans.set(settings, plan)
  return plan
}
