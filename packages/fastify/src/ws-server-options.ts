import { suggestion } from '@upwire/core/internal'
import type { FastifyRequest } from 'fastify'
import type { WebSocketRouteOptions, WsServerOptions } from './fastify-types.ts'

/** What becomes of each option of `ws`. */
const FATES: Readonly<Record<string, 'taken' | 'of no effect' | 'refused'>> = {
  maxPayload: 'taken',
  maxFragments: 'taken',
  closeTimeout: 'taken',
  perMessageDeflate: 'taken',
  clientTracking: 'taken',
  verifyClient: 'taken',
  handleProtocols: 'taken',
  server: 'taken',
  path: 'of no effect',
  allowSynchronousEvents: 'of no effect',
  autoPong: 'of no effect',
  maxBufferedChunks: 'of no effect',
  maxPendingAutoPongs: 'of no effect',
  skipUTF8Validation: 'of no effect',
  backlog: 'refused',
  host: 'refused',
  noServer: 'refused',
  port: 'refused',
  WebSocket: 'refused',
}

/** Those of permessage-deflate that tell of something that this engine has not. */
const DEFLATE_WITHOUT_EFFECT = ['concurrencyLimit', 'maxPayload', 'zlibInflateOptions']

/** Throws a TypeError for what cannot be used with Fastify, and says what to write instead. */
export function checkWsServerOptions(options: object): void {
  for (const [name, value] of Object.entries(options)) {
    const fate = Object.hasOwn(FATES, name) ? FATES[name] : undefined
    if (fate === undefined) {
      throw new TypeError(`There is no option options.${name}${suggestion(name, Object.keys(FATES))}`)
    }
    if (fate === 'refused' && value !== undefined) {
      throw new TypeError(
        `Option options.${name} is for a server of its own, and this one is Fastify's: leave it out, or use WebSocketServer of @upwire/core`,
      )
    }
  }
}

/** The same, in the words that Upwire has for the options of a route. */
export function routeOptionsFrom(options: WsServerOptions): WebSocketRouteOptions {
  const { maxPayload, maxFragments, closeTimeout, perMessageDeflate, handleProtocols } = options
  const given: WebSocketRouteOptions = {
    maxPayload: maxPayload === 0 ? Number.POSITIVE_INFINITY : maxPayload,
    maxFragments,
    closeTimeout,
    perMessageDeflate: deflateOptionsFrom(perMessageDeflate),
    subprotocols:
      handleProtocols && ((offered, { raw }: FastifyRequest) => handleProtocols(new Set(offered), raw)),
  }
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
}

function deflateOptionsFrom(
  options: WsServerOptions['perMessageDeflate'],
): WebSocketRouteOptions['perMessageDeflate'] {
  if (typeof options !== 'object' || options === null) return options
  const kept = Object.entries(options).filter(([name]) => !DEFLATE_WITHOUT_EFFECT.includes(name))
  const keepsContexts = options.serverNoContextTakeover === false || options.clientNoContextTakeover === false
  return { ...Object.fromEntries(kept), ...(keepsContexts && { memory: 'per-connection' }) }
}
