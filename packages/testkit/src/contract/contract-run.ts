import { expectNoHandles, openHandles, watchProcess } from '../leak-check.ts'
import { type RawClient, rawUpgrade, type UpgradeOptions } from '../raw-client.ts'
import type {
  ContractApplication,
  ContractHandler,
  ContractRoute,
  RunningApplication,
} from './application.ts'
import type { ContractHarness } from './harness.ts'

/** How long a case's peers may take to end when it is over, in milliseconds. */
const DEADLINE = 200

/** An application with one route. */
type OneRoute = Omit<ContractRoute, 'path' | 'handler'> & Pick<ContractApplication, 'pages' | 'shutdown'>

/** One case while it runs: what it starts and opens is ended with it, and has to leave nothing behind. */
export class ContractRun {
  readonly harness: ContractHarness
  readonly #handles = openHandles()
  readonly #process = watchProcess()
  readonly #applications: RunningApplication[] = []
  readonly #clients: RawClient[] = []

  constructor(harness: ContractHarness) {
    this.harness = harness
  }

  async start(application: ContractApplication): Promise<RunningApplication> {
    const running = await this.harness.start({ shutdown: { deadline: DEADLINE }, ...application })
    this.#applications.push(running)
    return running
  }

  /** Starts an application whose one route, `/chat`, has this handler. */
  serve(
    handler: ContractHandler,
    { pages, shutdown = { deadline: DEADLINE }, ...route }: OneRoute = {},
  ): Promise<RunningApplication> {
    return this.start({ routes: [{ path: '/chat', handler, ...route }], pages, shutdown })
  }

  /** Sends an opening handshake, to `/chat` unless the options say otherwise. */
  async connect(
    { server }: Pick<RunningApplication, 'server'>,
    options?: UpgradeOptions,
  ): Promise<RawClient> {
    const client = await rawUpgrade(server, { path: '/chat', ...options })
    this.keep(client)
    return client
  }

  /** Lets a connection last until the case is over, and no longer. */
  keep(client: RawClient): void {
    this.#clients.push(client)
  }

  /** Ends everything. Throws when the process was troubled, or a server, a socket or a timer stays. */
  async end(): Promise<void> {
    try {
      await this.#endAll()
      await this.#process.expectNone()
      await expectNoHandles(this.#handles)
    } finally {
      this.#process.stop()
    }
  }

  /** Ends everything of a case that has failed, whatever stays. */
  async abandon(): Promise<void> {
    this.#process.stop()
    await this.#endAll().catch(() => {})
  }

  async #endAll(): Promise<void> {
    for (const client of this.#clients) client.reset()
    for (const application of this.#applications.reverse()) await application.close()
  }
}
