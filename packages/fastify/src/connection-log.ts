import type { WebSocket } from '@upwire/core'
import type { FastifyBaseLogger, FastifyInstance, FastifyRequest } from 'fastify'

interface Opened {
  readonly log: FastifyBaseLogger
  readonly at: number
}

/** Writes a line for each connection that has ended, beside the lines that Fastify writes for its request. */
export class ConnectionLog {
  readonly #app: FastifyInstance
  readonly #opened = new WeakMap<WebSocket, Opened>()

  constructor(app: FastifyInstance) {
    this.#app = app
  }

  opened(socket: WebSocket, request: FastifyRequest): void {
    if (this.#isWanted(request)) this.#opened.set(socket, { log: request.log, at: performance.now() })
  }

  closed(socket: WebSocket, code: number, messages: number): void {
    const opened = this.#opened.get(socket)
    if (!opened) return
    const duration = performance.now() - opened.at
    opened.log.info({ code, duration, messages }, 'websocket closed')
  }

  /** Without a logger, all requests share the one that does nothing. */
  #isWanted(request: FastifyRequest): boolean {
    if (request.log === this.#app.log) return false
    const { disableRequestLogging: isDisabled = false } = this.#app.initialConfig
    return !(typeof isDisabled === 'function'
      ? (isDisabled as (request: unknown) => boolean)(request)
      : isDisabled)
  }
}
