import type { VerifyClient } from '@upwire/core'
import {
  checkShutdownOptions,
  type HttpServer,
  ROUTE_OPTION_NAMES,
  resolveRouteOptions,
  type ShutdownOptions,
  suggestion,
} from '@upwire/core/internal'
import type { UpwireOptions, WebSocketRouteOptions } from './fastify-types.ts'
import { checkWsServerOptions, routeOptionsFrom } from './ws-server-options.ts'

/** `UpwireOptions`, checked and sorted. */
export interface PluginOptions {
  readonly routeDefaults: WebSocketRouteOptions
  readonly handshakeTimeout: number
  readonly errorHandler: UpwireOptions['errorHandler']
  readonly preClose: UpwireOptions['preClose']
  readonly shutdown: ShutdownOptions | undefined
  readonly server: HttpServer | undefined
  readonly clientTracking: boolean
  readonly verifyClient: VerifyClient | undefined
}

const OWN_NAMES = ['errorHandler', 'options', 'preClose', 'server', 'shutdown']
/** Fastify gives it to every plugin that is registered with it. */
const FASTIFY_NAMES = ['prefix', 'logLevel', 'logSerializers']

/** Throws a TypeError that says which option cannot be used, and what to write instead. */
export function readPluginOptions(options: UpwireOptions): PluginOptions {
  const { errorHandler, preClose, shutdown, server, options: wsOptions = {} } = options
  checkFunction('errorHandler', errorHandler)
  checkFunction('preClose', preClose)
  checkShutdownOptions(shutdown)
  checkWsServerOptions(wsOptions)
  const { clientTracking = true, verifyClient } = wsOptions
  const routeDefaults = { ...routeOptionsFrom(wsOptions), ...routeOptionsIn(options) }
  const { handshakeTimeout } = resolveRouteOptions(routeDefaults as object)
  return {
    routeDefaults,
    handshakeTimeout,
    errorHandler,
    preClose,
    shutdown,
    server: server ?? wsOptions.server,
    clientTracking,
    verifyClient,
  }
}

function routeOptionsIn(options: UpwireOptions): WebSocketRouteOptions {
  const others = [...OWN_NAMES, ...FASTIFY_NAMES]
  const entries = Object.entries(options).filter(([name]) => !others.includes(name))
  for (const [name] of entries) {
    if (ROUTE_OPTION_NAMES.includes(name)) continue
    throw new TypeError(
      `There is no option ${name}${suggestion(name, [...OWN_NAMES, ...ROUTE_OPTION_NAMES])}`,
    )
  }
  return Object.fromEntries(entries)
}

/** The words are those of @fastify/websocket: programs and their tests compare them. */
function checkFunction(name: string, value: unknown): void {
  if (value !== undefined && typeof value !== 'function') throw new Error(`invalid ${name} function`)
}
