import { type Heartbeat, heartbeatFor } from './heartbeat.ts'
import type { ConnectionSettings } from './opening.ts'
import { Pool } from './pool.ts'
import { Receiver } from './receiver.ts'
import { DEFAULT_RECEPTION, type Reception } from './reception.ts'
import { StreamedReceiver } from './streamed-receiver.ts'

/** Receivers of one route that may wait for work. More are only needed while many peers leave messages unfinished. */
const MOST_FREE_RECEIVERS = 16

/** What the settings of a route come to, worked out with its first connection. */
export interface Plan {
  readonly settings: ConnectionSettings
  readonly reception: Reception
  readonly heartbeat: Heartbeat
  readonly receivers: Pool<Receiver | StreamedReceiver>
}

const plans = new WeakMap<object, unknown>()

export function planFor(settings: ConnectionSettings): Plan {
  const made = plans.get(settings) as Plan | undefined
  if (made) return made
  const { role, limits, reception = DEFAULT_RECEPTION, budget, handling } = settings
  const received = { ...limits, ...reception, budget }
  const makeReceiver = () =>
    handling.messages === 'streamed' ? new StreamedReceiver(role, received) : new Receiver(role, received)
  const plan: Plan = {
    settings,
    reception,
    heartbeat: heartbeatFor(limits),
    receivers: new Pool<Receiver | StreamedReceiver>(makeReceiver, MOST_FREE_RECEIVERS),
  }
  plans.set(settings, plan)
  return plan
}
