import type { FastifyInstance } from 'fastify'
import findMyWay from 'find-my-way'

/** The options of Fastify's router that say which paths match. */
const MATCHING = [
  'allowUnsafeRegex',
  'caseSensitive',
  'ignoreDuplicateSlashes',
  'ignoreTrailingSlash',
  'maxParamLength',
  'useSemicolonDelimiter',
]

/** The paths of WebSocket routes, matched as Fastify's own router matches them: which upgrades are ours. */
export class RoutePaths {
  readonly #paths: ReturnType<typeof findMyWay>

  constructor({ initialConfig }: Pick<FastifyInstance, 'initialConfig'>) {
    const options = Object.entries(initialConfig.routerOptions ?? {})
    this.#paths = findMyWay(Object.fromEntries(options.filter(([name]) => MATCHING.includes(name))))
  }

  /** A path may be added again: routes of one path may differ in their constraints. */
  add(path: string): void {
    if (!this.#paths.hasRoute('GET', path)) this.#paths.on('GET', path, unused)
  }

  /** Whether `path`, a request's path without the query, may be one of them. Never throws. */
  has(path: string): boolean {
    return this.#paths.find('GET', path) !== null
  }
}

function unused(): void {}
