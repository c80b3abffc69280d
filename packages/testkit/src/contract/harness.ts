import type { ContractApplication, RunningApplication } from './application.ts'

/** What a framework may lack, with a reason; everything else it has to do. */
export type Capability =
  /** Handlers that are a value, such as an object of hooks, and with it the `upgrade` hook. */
  | 'hooks'
  /** `server` and `detach` of an application: a server that the framework did not make. */
  | 'own server'
  /** `data`, an option of a route. */
  | 'data option'
  /** Options of a route that nobody but Upwire reads, so that an unknown one is a mistake whatever its name. */
  | 'closed options'

/** How a plugin builds and runs the applications of the contract with its framework. */
export interface ContractHarness {
  /** Resolves when the application listens. Rejects with what the registration of a route or an option throws. */
  start(application: ContractApplication): Promise<RunningApplication>
  /** How a plain GET request of a WebSocket path is answered that has no page. */
  readonly plainRequestStatus: 404 | 426
  /** Why the framework cannot have it. The cases that need it are left out. */
  readonly lacks?: Partial<Record<Capability, string>>
}
