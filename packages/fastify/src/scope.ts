import type { FastifyInstance } from 'fastify'
import type { Host } from './host.ts'
import type { PluginOptions } from './plugin-options.ts'

/** What holds for the routes of one registration: a host, and the defaults of this context and those around it. */
export interface Scope extends Pick<PluginOptions, 'routeDefaults' | 'errorHandler' | 'verifyClient'> {
  readonly host: Host
}

/** On an instance, and so on all that are nested in it. */
const SCOPE = Symbol('upwire.scope')

export function scopeOf(instance: FastifyInstance): Scope | undefined {
  return Reflect.get(instance, SCOPE)
}

/** Opens the scope of an outermost registration, or one inside another, whose options come before those around it. */
export function openScope(instance: FastifyInstance, host: Host, options: PluginOptions): void {
  const outer = scopeOf(instance)
  const scope: Scope = {
    host,
    routeDefaults: { ...outer?.routeDefaults, ...options.routeDefaults },
    errorHandler: options.errorHandler ?? outer?.errorHandler,
    verifyClient: options.verifyClient ?? outer?.verifyClient,
  }
  Reflect.defineProperty(instance, SCOPE, { value: scope, configurable: true })
}
