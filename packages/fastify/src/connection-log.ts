import type { WebSocket } from '@upwire/core'
import type { FastifyBaseLogger, FastifyInstance, FastifyRequest } from 'fastify'
import { logSwitchOf } from './fastify-internals.ts'

/** A socket that has with it what its last line will tell. */
interface Logged extends WebSocket {
  [OPENED]?: Opened
}

interface Opened {
  readonly log: FastifyBaseLogger
  readonly at: number
}

const OPENED = Symbol('upwire.opened')

/** Writes a line for each connection that has ended, beside the lines that Fastify writes for its request. */
export class ConnectionLog {
  readonly #app: FastifyInstance
  readonly #isDisabled: (request: FastifyRequest) => boolean

  constructor(app: FastifyInstance) {
    this.#app = app
    this.#isDisabled = logSwitchOf(app)
  }

  opened(socket: Logged, request: FastifyRequest): void {
    if (this.#isWanted(request)) socket[OPENED] = { log: request.log, at: performance.now() }
  }

  closed(socket: Logged, code: number, messages: number): void {
    const opened = socket[OPENED]
    if (!opened) return
    const duration = performance.now() - opened.at
    opened.log.info({ code, duration, messages }, 'websocket closed')
  }

  /** Without a logger, all requests share the one that does nothing. */
  #isWanted(request: FastifyRequest): boolean {
    return request.log !== this.#app.log && !this.#isDisabled(request)
  }
}
