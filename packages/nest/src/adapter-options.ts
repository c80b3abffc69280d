import type { RouteOptions, ShutdownOptions } from '@upwire/core'
import { checkRouteOptions, checkShutdownOptions } from '@upwire/core/internal'
import { type MessageParser, parseJson } from './codec.ts'
import type { UpgradeGuard } from './upgrade-guards.ts'

/** Where what is global in an application (`useGlobalPipes`, `APP_GUARD` and the like) applies to gateways. */
export type GlobalEnhancersAt = 'upgrade' | 'messages'

/** The defaults of all gateways, and what they share: `maxConnections` counts those of all paths together. */
export interface UpwireAdapterOptions extends RouteOptions {
  /** Reads the messages of gateways without a codec. What returns nothing is dropped. Default: `JSON.parse`. */
  messageParser?: MessageParser
  /** Guards in front of every gateway's own, at the opening handshake. Default: none. */
  upgradeGuards?: readonly UpgradeGuard[]
  /**
   * Where global enhancers apply: at the `'upgrade'` guards, with an `http` context; on `'messages'` guards, pipes,
   * interceptors and filters, with a `ws` context. Default: as Nest has it, on messages in Nest 12 all but filters.
   */
  globalEnhancers?: readonly GlobalEnhancersAt[]
  /** Whether the paths of gateways begin with `app.setGlobalPrefix()`, but on ports of their own. Default false. */
  globalPrefix?: boolean
  /**
   * How connections are ended when the application closes. Default: code 1001, and 5 s (`deadline`, in milliseconds) until
   * what is left is cut off.
   */
  shutdown?: ShutdownOptions
}

/** `UpwireAdapterOptions` with the defaults filled in. */
export interface ResolvedAdapterOptions extends Required<Omit<UpwireAdapterOptions, keyof RouteOptions>> {
  readonly route: RouteOptions
}

const PLACES: readonly unknown[] = ['upgrade', 'messages'] satisfies GlobalEnhancersAt[]

/** Throws a TypeError that names the option and says what it takes. */
export function resolveAdapterOptions(options: UpwireAdapterOptions): ResolvedAdapterOptions {
  const {
    messageParser = parseJson,
    upgradeGuards = [],
    globalEnhancers = [],
    globalPrefix = false,
    shutdown = {},
    ...route
  } = options
  checkRouteOptions(route)
  checkShutdownOptions(shutdown)
  checkParser(messageParser)
  if (!Array.isArray(upgradeGuards) || !upgradeGuards.every(isGuard)) {
    throw new TypeError(
      'Option upgradeGuards must be a list of guards, by class or made; write upgradeGuards: [TokenGuard]',
    )
  }
  if (!Array.isArray(globalEnhancers) || !globalEnhancers.every((place) => PLACES.includes(place))) {
    throw new TypeError(
      `Option globalEnhancers must be a list of 'upgrade' and 'messages', not ${JSON.stringify(globalEnhancers)}`,
    )
  }
  if (typeof globalPrefix !== 'boolean') {
    throw new TypeError(
      `Option globalPrefix must be true or false, not ${JSON.stringify(globalPrefix)}; the prefix itself is that of ` +
        'app.setGlobalPrefix()',
    )
  }
  return { route, messageParser, upgradeGuards, globalEnhancers, globalPrefix, shutdown }
}

/** Throws a TypeError that says what to write. */
export function checkParser(messageParser: unknown): void {
  if (typeof messageParser === 'function') return
  throw new TypeError('Option messageParser must be a function; write (data) => JSON.parse(String(data))')
}

function isGuard(guard: unknown): boolean {
  return typeof guard === 'function' || typeof Reflect.get(Object(guard), 'canActivate') === 'function'
}
