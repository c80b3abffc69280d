import type { IncomingMessage, ServerResponse } from 'node:http'

/**
 * Lets the pipeline finish with its response: from then on it leaves that alone, with the headers that it has set.
 * Rejects with what it fails with, which is Nest's to answer.
 */
export type TakeOver = () => Promise<void>

/** What an application's own pipeline makes of an upgrade request, in the terms of the framework below Nest. */
export interface Arrival {
  /** What guards and filters know as request and response. */
  readonly args: unknown[]
  readonly takeOver: TakeOver
}

/** The HTTP framework that an application stands on. */
export interface Platform {
  /** Whether nothing in the application looks at upgrades: then they need not go through it. */
  readonly isTransparent: boolean
  /** Gives an upgrade to the application's middleware, past all of its HTTP routes. */
  run(request: IncomingMessage, response: ServerResponse): void
}
