import type { ClientOptions as OurClientOptions } from '../websocket/client-options.ts'
import type { LimitOptions } from '../websocket/limits.ts'
import type { ReceptionOptions } from '../websocket/reception.ts'
import { deflateOptions, type WsDeflateOptions } from './deflate-options.ts'

const KIB = 1024
const MIB = 1024 * KIB

/** What `ws` 8 allows one connection, on both sides. What it does not limit has no limit here either. */
const CONNECTION_DEFAULTS = {
  maxPayload: 100 * MIB,
  maxFragments: 16 * KIB,
  maxBufferedChunks: 256 * KIB,
  maxPendingAutoPongs: 60,
  maxBackpressure: Number.POSITIVE_INFINITY,
  messageTimeout: 0,
  pingInterval: 0,
  closeTimeout: 30_000,
  autoPong: true,
  allowSynchronousEvents: true,
  skipUTF8Validation: false,
  unheard: 'drop',
} satisfies LimitOptions & ReceptionOptions

export const CLIENT_DEFAULTS = {
  ...CONNECTION_DEFAULTS,
  handshakeTimeout: 0,
  perMessageDeflate: true,
  redirectedCredentials: 'ask',
} satisfies OurClientOptions

export const SERVER_DEFAULTS = {
  ...CONNECTION_DEFAULTS,
  handshakeTimeout: 0,
  perMessageDeflate: false,
  origin: 'dangerously-any',
} as const

interface WsOptions extends LimitOptions {
  perMessageDeflate?: boolean | WsDeflateOptions
}

/**
 * What our own class takes for options of `ws`: `defaults` where they are left out, be it as undefined or as null, and
 * everything under the name and with the values it has here.
 */
export function ourOptions<Options extends WsOptions>(options: Options, defaults: Options) {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value != null))
  const filled = { ...defaults, ...(given as Options) }
  return {
    ...filled,
    // 0 is no limit there, and no fragment at all here.
    maxFragments: filled.maxFragments || Number.POSITIVE_INFINITY,
    perMessageDeflate: deflateOptions(filled.perMessageDeflate),
  }
}
