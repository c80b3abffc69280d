/**
 * Everything this package knows of Fastify beyond its documentation is in this file.
 *
 * - A constraint strategy with `mustMatchWhenDerived` hides every route that does not ask for it from the requests it
 *   derives a value from. Hooks run for the route that is left, those of Nest's middleware among them.
 * - A route has the error handler that was there before it.
 * - A request has the context of its route under the symbol `fastify.context`, and there all `onSend` hooks of that route.
 * - A reply that was hijacked is left alone. What was set on it is on the reply, not on the response of Node.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Logger, type HttpServer as NestHttpAdapter } from '@nestjs/common'
import { isThenable } from '@upwire/core/internal'
import type { Platform } from './arrival.ts'
import { PendingUpgrade } from './pending-upgrade.ts'

const CONSTRAINT = 'upwire'
const UPGRADE = 'upgrade'
const ROUTE_CONTEXT = 'fastify.context'

interface Request {
  readonly raw: IncomingMessage
}

interface Reply {
  readonly raw: ServerResponse
  getHeaders(): Record<string, number | string | string[] | undefined>
  hijack(): Reply
  callNotFound(): Reply
}

type OnSend = (request: Request, reply: Reply, payload: null, done: (error?: unknown) => void) => unknown

interface Instance {
  addConstraintStrategy(strategy: object): void
  routing(request: IncomingMessage, response: ServerResponse): void
  ready(): PromiseLike<unknown>
  route(options: {
    method: string
    url: string
    constraints: Record<string, string>
    handler(request: Request, reply: Reply): unknown
  }): void
}

const upgrades = new WeakSet<IncomingMessage>()

/** Runs Fastify for upgrades, past its other routes: a gateway and a controller may have the same path. */
export class FastifyPlatform implements Platform {
  /** Nest's adapter has hooks of its own, which nobody can look into. */
  readonly isTransparent = false
  readonly #instance: Instance
  readonly #logger = new Logger(FastifyPlatform.name)
  #isReady = false

  constructor(adapter: NestHttpAdapter) {
    const instance: Instance = adapter.getInstance()
    this.#instance = instance
    instance.addConstraintStrategy({
      name: CONSTRAINT,
      storage: createStore,
      deriveConstraint: (request: IncomingMessage) => (upgrades.has(request) ? UPGRADE : undefined),
      mustMatchWhenDerived: true,
    })
    this.#addRoute(adapter)
  }

  run(request: IncomingMessage, response: ServerResponse): void {
    upgrades.add(request)
    if (this.#isReady) return this.#route(request, response)
    this.#instance.ready().then(
      () => {
        this.#isReady = true
        this.#route(request, response)
      },
      (error) => response.destroy(error),
    )
  }

  #route(request: IncomingMessage, response: ServerResponse): void {
    try {
      this.#instance.routing(request, response)
    } catch (error) {
      // Of what runs before Fastify has a request: rewriteUrl, genReqId, constraints.
      this.#logger.error(error)
      response.writeHead(500).end()
    }
  }

  /** When the application has told how it answers exceptions, which is the last it registers. */
  #addRoute(adapter: NestHttpAdapter): void {
    const { setErrorHandler } = adapter
    adapter.setErrorHandler = (...args) => {
      setErrorHandler?.apply(adapter, args)
      this.#instance.route({
        method: 'GET',
        url: '/*',
        constraints: { [CONSTRAINT]: UPGRADE },
        handler: async (request, reply) => {
          const upgrade = PendingUpgrade.of(request.raw)
          if (!upgrade) return reply.callNotFound()
          await upgrade.arrive({ args: [request, reply], takeOver: () => finish(request, reply) })
          return reply
        },
      })
    }
  }
}

/** Runs the hooks that would run before any answer: cookies and sessions are written by them. */
async function finish(request: Request, reply: Reply): Promise<void> {
  for (const hook of onSendHooks(request)) await runHook(hook, request, reply)
  for (const [name, value] of Object.entries(reply.getHeaders())) {
    if (value !== undefined) reply.raw.setHeader(name, value)
  }
  reply.hijack()
}

function onSendHooks(request: Request): readonly OnSend[] {
  const symbol = Object.getOwnPropertySymbols(request).find(
    ({ description }) => description === ROUTE_CONTEXT,
  )
  const context: { onSend?: readonly OnSend[] | null } | undefined = symbol && Reflect.get(request, symbol)
  return context?.onSend ?? []
}

function runHook(hook: OnSend, request: Request, reply: Reply): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = (error?: unknown): void => (error ? reject(error) : resolve())
    const result = hook(request, reply, null, done)
    if (isThenable(result)) result.then(() => resolve(), reject)
  })
}

/** Routes by their value of the constraint, as find-my-way wants them kept. */
function createStore() {
  const routes = new Map<unknown, unknown>()
  return {
    get: (value: unknown) => routes.get(value) ?? null,
    set: (value: unknown, route: unknown) => void routes.set(value, route),
  }
}
