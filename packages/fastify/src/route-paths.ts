import type { IncomingMessage } from 'node:http'
import { requestPath } from '@upwire/core/internal'
import type { FastifyInstance, RouteOptions } from 'fastify'
import findMyWay from 'find-my-way'
import { type FastifyOptions, optionsOf } from './fastify-internals.ts'

/** The options of Fastify's router that say which paths match. */
const MATCHING = [
  'allowUnsafeRegex',
  'caseSensitive',
  'ignoreDuplicateSlashes',
  'ignoreTrailingSlash',
  'maxParamLength',
  'useSemicolonDelimiter',
]

/** The constraints that the router knows by itself, and the header of each. Others are the application's code. */
const HEADERS = { host: 'host', version: 'accept-version' } as const

type Constraint = keyof typeof HEADERS
type Constraints = Partial<Record<Constraint, unknown>>

/** The paths of WebSocket routes, matched as Fastify's own router matches them: which upgrades are ours. */
export class RoutePaths {
  readonly #app: FastifyInstance
  readonly #paths: ReturnType<typeof findMyWay>
  readonly #rewriteUrl: FastifyOptions['rewriteUrl']
  readonly #known: Constraint[]
  readonly #inUse = new Set<Constraint>()

  constructor(app: FastifyInstance) {
    const { rewriteUrl, routerOptions } = optionsOf(app)
    const { constraints: own = {} } = routerOptions ?? {}
    const options = Object.entries({ ...app.initialConfig, ...routerOptions })
    this.#app = app
    this.#paths = findMyWay(Object.fromEntries(options.filter(([name]) => MATCHING.includes(name))))
    this.#rewriteUrl = rewriteUrl
    this.#known = (['host', 'version'] as const).filter((name) => !Object.hasOwn(own, name))
  }

  add(path: string, given: RouteOptions['constraints'] = {}): void {
    const constraints: Constraints = {}
    for (const name of this.#known) {
      if (!Object.hasOwn(given, name)) continue
      constraints[name] = given[name]
      this.#inUse.add(name)
    }
    try {
      this.#paths.on('GET', path, { constraints }, unused)
    } catch {
      // It is there already, for routes of one path may differ in other constraints; or Fastify is about to refuse it.
    }
  }

  /** Whether `request` may be for one of them. What is wrong with a `rewriteUrl` is for Fastify to find. Never throws. */
  has(request: IncomingMessage): boolean {
    const url = this.#rewritten(request)
    if (typeof url !== 'string') return true
    const path = requestPath({ url })
    return path !== undefined && this.#paths.find('GET', path, this.#constraintsOf(request)) !== null
  }

  #rewritten(request: IncomingMessage): unknown {
    if (!this.#rewriteUrl) return request.url
    try {
      return this.#rewriteUrl.call(this.#app, request)
    } catch {
      return undefined
    }
  }

  #constraintsOf({ headers }: IncomingMessage): Constraints | undefined {
    if (this.#inUse.size === 0) return undefined
    const constraints: Constraints = {}
    for (const name of this.#inUse) constraints[name] = headers[HEADERS[name]]
    return constraints
  }
}

function unused(): void {}
