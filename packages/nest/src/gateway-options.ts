import type { IncomingMessage } from 'node:http'
import { isDeepStrictEqual } from 'node:util'
import type { OriginRule, RouteOptions } from '@upwire/core'
import { checkRouteOptions } from '@upwire/core/internal'
import type { Codec } from './codec.ts'
import type { RegisteredGateway } from './nest-types.ts'

/**
 * `kept`: a message waits until the handler is done with the one before it, of the same socket. `concurrent`: handlers run as
 * messages come; only `messageRate` bounds how many.
 */
export type MessageOrder = 'kept' | 'concurrent'

/**
 * The options of `@WebSocketGateway<GatewayOptions>({ … })`. Gateways of one path share those of the first; the others may
 * repeat them.
 */
export interface GatewayOptions extends RouteOptions {
  /**
   * Where the gateway is, `/rooms/:id` with parameters. Default: `/`, and on a port of its own every path. Case counts,
   * a `/` at the end does not belong there.
   */
  path?: string
  /** The version in the path, `/v1/rooms`, of an application with `VersioningType.URI`. Default: none. */
  version?: string
  /** How messages are written. Default: `{ event, data }` as JSON. */
  codec?: Codec
  /** Whether a message waits until the one before it has been handled. Default `'kept'`. */
  messageOrder?: MessageOrder
}

/** The options of a gateway, sorted by who reads them. */
export interface SortedOptions {
  readonly route: RouteOptions
  readonly codec: Codec | undefined
  readonly messageOrder: MessageOrder
}

/**
 * What `GatewayMetadata` has for socket.io alone: it means nothing here. The adapter refuses a `namespace` that is not
 * empty.
 */
const SOCKET_IO_OPTIONS = [
  'adapter',
  'allowEIO3',
  'allowUpgrades',
  'connectTimeout',
  'cookie',
  'cors',
  'destroyUpgrade',
  'destroyUpgradeTimeout',
  'httpCompression',
  'initialPacket',
  'maxHttpBufferSize',
  'namespace',
  'parser',
  'pingTimeout',
  'serveClient',
  'transports',
  'upgradeTimeout',
  'wsEngine',
]

/** What gateways of one path may write as they like. */
const UNSHARED_OPTIONS = ['path', 'version', ...SOCKET_IO_OPTIONS]

/** Throws a TypeError that names the option, and says what it takes. */
export function sortOptions(given: Readonly<Record<string, unknown>>): SortedOptions {
  const { path: _path, version: _version, codec, messageOrder = 'kept', ...rest } = given
  const route = Object.fromEntries(
    Object.entries(rest).filter(([name]) => !SOCKET_IO_OPTIONS.includes(name)),
  ) as RouteOptions
  route.origin ??= originOfCors(given.cors)
  checkRouteOptions(route)
  if (codec !== undefined) checkCodec(codec)
  if (messageOrder !== 'kept' && messageOrder !== 'concurrent') {
    throw new TypeError(`Option messageOrder must be 'kept' or 'concurrent', not ${String(messageOrder)}`)
  }
  return { route, codec, messageOrder }
}

/** Throws a TypeError for an option of a later gateway of a path that nobody would read: the options are those of the first. */
export function checkSharedOptions([first, ...others]: readonly RegisteredGateway[]): void {
  for (const { metatype, options } of others) {
    for (const [name, value] of Object.entries(options)) {
      if (UNSHARED_OPTIONS.includes(name) || isDeepStrictEqual(value, first?.options[name])) continue
      throw new TypeError(
        `${first?.metatype.name} and ${metatype.name} have one path, and with it the options of ${first?.metatype.name}; ` +
          `write ${name} of ${metatype.name} there, too`,
      )
    }
  }
}

/**
 * Which pages may connect to a port of gateways, where nobody says: those of the same host, whatever their port. No page
 * comes from such a port itself; the application's pages come from another one.
 */
export function isSameHost(origin: string | undefined, { headers }: IncomingMessage): boolean {
  if (origin === undefined) return true
  const [page, server] = [origin, `http://${headers.host}`].map(hostnameOf)
  return page !== '' && page === server
}

/** An empty string for what is no address, or has no host. */
function hostnameOf(address: string): string {
  return URL.canParse(address) ? new URL(address).hostname : ''
}

/** One way to write a path: with a slash in front and none behind. */
export function normalizePath(path: string): string {
  return `/${path}`.replace(/\/+/g, '/').replace(/(?<=.)\/$/, '')
}

/** The pages that `cors: { origin }` lets in; what only a request can tell is left to `origin`. */
function originOfCors(cors: unknown): OriginRule | undefined {
  const origin: unknown = typeof cors === 'object' && cors !== null ? Reflect.get(cors, 'origin') : cors
  if (origin === true || origin === '*') return 'dangerously-any'
  if (typeof origin === 'string' || origin instanceof RegExp || Array.isArray(origin)) return origin
  return undefined
}

function checkCodec(codec: unknown): asserts codec is Codec {
  const { decode, encode } = Object(codec)
  if (typeof decode === 'function' && typeof encode === 'function') return
  throw new TypeError('Option codec must be an object with the functions decode(data) and encode(response)')
}
