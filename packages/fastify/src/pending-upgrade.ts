import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { VerifyClient, WebSocket } from '@upwire/core'
import {
  accept,
  type Connections,
  HandshakeDeadline,
  HandshakeError,
  handshakeError,
  type OpeningRequest,
  Refusal,
  type Route,
  refuseFor,
  type Upgrade,
  UpgradeRejection,
  UpgradeResponse,
} from '@upwire/core/internal'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { hasOnSend, type OnSendRule, runOnSend } from './on-send.ts'
import { verify } from './verify-client.ts'

/** Core hands requests on as they are, to functions that were written for Fastify's. */
export type CarriedRequest = FastifyRequest & IncomingMessage

/** The route that a handshake is for. */
export interface UpgradeTarget {
  readonly route: Route<unknown, CarriedRequest>
  readonly host: { readonly connections: Pick<Connections, 'state'> }
  /** Whether a handshake may do without a Host header. */
  readonly isLenient: boolean
  readonly onSend: OnSendRule
  readonly verifyClient: VerifyClient | undefined
  /** Makes ready for the connection, and tells where its errors go. Throws for a schema that cannot be compiled. */
  prepare(request: FastifyRequest, reply: FastifyReply): (error: unknown, socket: WebSocket) => unknown
}

const pending = new WeakMap<IncomingMessage, PendingUpgrade>()

/** An opening handshake on its way through the hooks of Fastify. */
export class PendingUpgrade {
  readonly #upgrade: Upgrade
  readonly #response: UpgradeResponse
  readonly #deadline: HandshakeDeadline
  #opening: OpeningRequest | undefined

  static of(request: IncomingMessage): PendingUpgrade | undefined {
    return pending.get(request)
  }

  constructor(upgrade: Upgrade, handshakeTimeout: number) {
    this.#upgrade = upgrade
    this.#response = new UpgradeResponse(upgrade.request, upgrade.stream)
    this.#deadline = new HandshakeDeadline(this.#response, handshakeTimeout)
    pending.set(upgrade.request, this)
  }

  get response(): ServerResponse {
    return this.#response.response
  }

  /** Before all hooks of the route: returns why the handshake cannot become a connection. */
  check({ route, isLenient }: UpgradeTarget): Error | undefined {
    const { request, stream } = this.#upgrade
    // No browser leaves it out; programs for @fastify/websocket that do are served there.
    if (isLenient) request.headers.host ??= 'localhost'
    const opening = route.check(request, stream)
    if (opening instanceof HandshakeError) return errorFor(opening)
    this.#opening = opening
    this.#deadline.set(route.handshakeTimeout)
    return undefined
  }

  /**
   * Behind all hooks, in the place of the route's handler: asks the application, and opens the connection. Rejects with
   * what takes Fastify's own way of an error.
   */
  async open(target: UpgradeTarget, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const opening = this.#opening
    if (!opening) throw handshakeError('UPWIRE_NO_ROUTE')
    const { route, verifyClient, onSend } = target
    try {
      if (verifyClient) await verify(verifyClient, request)
      const asked = route.decide(request as CarriedRequest, opening)
      const agreement = asked instanceof Promise ? await asked : asked
      if (agreement instanceof Refusal) throw agreement.reason
      if (hasOnSend(request, onSend)) await runOnSend(request, reply, onSend)
      if (reply.sent || this.#response.state !== 'pending') return
      if (target.host.connections.state !== 'open') throw handshakeError('UPWIRE_SHUTTING_DOWN')
      this.#accept(target, request, reply, { opening, agreement })
    } catch (reason) {
      if (!(reason instanceof UpgradeRejection)) throw reason
      await answer(reply, reason)
    }
  }

  #accept(
    target: UpgradeTarget,
    request: FastifyRequest,
    reply: FastifyReply,
    agreed: Pick<Parameters<typeof accept<unknown, CarriedRequest>>[0], 'opening' | 'agreement'>,
  ): void {
    const { stream, head } = this.#upgrade
    const { route } = target
    const onUserError = target.prepare(request, reply)
    const onError = (error: unknown): void => request.log.error(error)
    reply.hijack()
    for (const [name, value] of Object.entries(reply.getHeaders())) {
      if (value !== undefined) this.response.setHeader(name, value)
    }
    this.#response.accept((headers) => {
      const transport: Partial<Pick<Socket, 'setTimeout'>> = stream as Socket
      // Fastify's connectionTimeout is for requests.
      transport.setTimeout?.(0)
      try {
        const carried = request as CarriedRequest
        const params = paramsOf(request)
        accept({ ...agreed, route, request: carried, stream, head, headers, params, onError, onUserError })
      } catch (reason) {
        refuseFor(reason, stream, this.#upgrade.request, onError)
      }
    })
  }
}

/** As Fastify takes it: the fault behind it, if there is one; and where it names a protocol, that the connection ends. */
function errorFor(error: HandshakeError): Error {
  if (error.cause !== undefined) return error.cause as Error
  if (!error.headers.Upgrade) return error
  return Object.assign(error, { headers: { ...error.headers, Connection: 'Upgrade, close' } })
}

/** A whole response that the application made, in Fastify's own way. */
function answer(reply: FastifyReply, { status, headers, body }: UpgradeRejection): FastifyReply {
  for (const [name, value] of headers) reply.header(name, value)
  return reply.code(status).send(body.length > 0 ? body : undefined)
}

/** A schema may have made other values of them than strings. */
function paramsOf({ params }: FastifyRequest): Record<string, string> {
  const entries = Object.entries(params ?? {}).filter(([, value]) => value !== undefined)
  return Object.fromEntries(entries.map(([name, value]) => [name, String(value)]))
}
