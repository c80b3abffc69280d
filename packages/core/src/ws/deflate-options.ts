import type { ZlibOptions } from 'node:zlib'
import type { PerMessageDeflateOptions } from '../permessage-deflate/options.ts'

type OnTheWire = Pick<PerMessageDeflateOptions, 'clientNoContextTakeover' | 'serverNoContextTakeover'>

/** What `perMessageDeflate` takes in the package `ws`. */
export interface WsDeflateOptions extends OnTheWire {
  /** The most bits of the server's window, 8 to 15. */
  serverMaxWindowBits?: number | boolean | null
  /** The most bits of the client's window, 8 to 15, or whether the parameter is there at all. */
  clientMaxWindowBits?: number | boolean | null
  /** Shorter messages are sent as they are, unless contexts are taken over. In bytes. Default 1024. */
  threshold?: number
  /** Of these, `level` and `memLevel` count. */
  zlibDeflateOptions?: ZlibOptions
  /** Without effect: a message is inflated in one piece, into memory of its own size. */
  zlibInflateOptions?: ZlibOptions
  /** Without effect: nothing is left to the thread pool. */
  concurrencyLimit?: number
  /** Without effect: the option `maxPayload` of the connection counts. */
  maxPayload?: number
}

/** zlib's own default, 6, which `ws` compresses with. */
const DEFAULT_LEVEL = -1

/**
 * What `perMessageDeflate` of `ws` is called here: contexts are taken over where the peer agrees, and messages compressed
 * at zlib's own level. Options that count for nothing here are left out; whether the others can be used is not checked.
 */
export function deflateOptions(
  options: boolean | WsDeflateOptions | null | undefined,
): false | PerMessageDeflateOptions {
  if (!options) return false
  const { serverNoContextTakeover, clientNoContextTakeover, threshold, ...given } =
    options === true ? {} : options
  const { level = DEFAULT_LEVEL, memLevel } = given.zlibDeflateOptions ?? {}
  return {
    memory: 'per-connection',
    serverNoContextTakeover,
    clientNoContextTakeover,
    serverMaxWindowBits:
      typeof given.serverMaxWindowBits === 'number' ? given.serverMaxWindowBits : undefined,
    clientMaxWindowBits: given.clientMaxWindowBits ?? undefined,
    threshold,
    zlibDeflateOptions: { level, memLevel },
  }
}
