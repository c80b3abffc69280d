import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { VerifyClient } from '@upwire/core'
import {
  accept,
  type Connections,
  type Decision,
  HandshakeError,
  handshakeError,
  type OpeningRequest,
  PendingHandshake,
  pendingHandshakeOf,
  Refusal,
  type Route,
  refuseFor,
  UpgradeRejection,
} from '@upwire/core/internal'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Report } from './connection-errors.ts'
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
  /** Makes ready for the connection, and tells where its errors go. */
  prepare(request: FastifyRequest, reply: FastifyReply): Report
}

/** A handshake that may become a connection of this route. */
interface Checked {
  readonly target: UpgradeTarget
  readonly opening: OpeningRequest
}

/** What Fastify waits for, where the answer is none of ours. */
type Answered = FastifyReply | undefined

/** An opening handshake on its way through the hooks of Fastify. */
export class PendingUpgrade extends PendingHandshake {
  #checked: Checked | undefined
  #report: Report | undefined

  static of(request: IncomingMessage): PendingUpgrade | undefined {
    return pendingHandshakeOf(PendingUpgrade, request)
  }

  /** Begins to count the time, and to look whether the peer leaves, once Fastify has the request. */
  override watch(): void {
    super.watch()
    // Who listens are `onRequestAbort` hooks. Of a request that upgrades Node does not tell how it ends.
    if (this.upgrade.request.listenerCount('close') > 0)
      this.response.once('close', () => this.#tellOfAbort())
  }

  #tellOfAbort(): void {
    if (this.upgradeResponse.state === 'gone' && !this.response.writableEnded) this.upgrade.request.destroy()
  }

  /** Where the errors of the connection go, once it is about to open. */
  get report(): Report | undefined {
    return this.#report
  }

  /** Before all hooks of the route: returns why the handshake cannot become a connection. */
  check(target: UpgradeTarget): Error | undefined {
    const { request, stream } = this.upgrade
    const { route, isLenient } = target
    // No browser leaves it out; programs for @fastify/websocket that do are served there.
    if (isLenient) request.headers.host ??= 'localhost'
    const opening = route.check(request, stream)
    if (opening instanceof HandshakeError) return errorFor(opening)
    this.#checked = { target, opening }
    this.deadline.set(route.handshakeTimeout)
    return undefined
  }

  /**
   * Behind all hooks, in the place of the route's handler: asks the application, and opens the connection; at once where
   * nobody has to be waited for. Throws, or rejects with, what takes Fastify's own way of an error.
   */
  open(request: FastifyRequest, reply: FastifyReply): Answered | Promise<Answered> {
    const checked = this.#checked
    if (!checked) throw handshakeError('UPWIRE_NO_ROUTE')
    const { route, verifyClient, onSend } = checked.target
    const isRouteAlone = !verifyClient && !hasOnSend(request, onSend)
    const decision = isRouteAlone
      ? route.decide(request as CarriedRequest, checked.opening)
      : decideTogether(checked, request, reply)
    if (!(decision instanceof Promise)) return this.#conclude(decision, checked, request, reply)
    return decision.then((decided) => this.#conclude(decided, checked, request, reply))
  }

  #conclude(
    decision: Decision<unknown>,
    { target, opening }: Checked,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Answered {
    if (decision instanceof Refusal) return answer(reply, decision)
    // The peer has left, and Node keeps its half-open stream: the 101 would be logged, and reach nobody.
    if (this.upgrade.stream.readableEnded) this.upgrade.stream.destroy()
    if (reply.sent || this.upgradeResponse.state !== 'pending') return undefined
    if (target.host.connections.state !== 'open') throw handshakeError('UPWIRE_SHUTTING_DOWN')
    const onUserError = target.prepare(request, reply)
    this.#report = onUserError
    reply.hijack()
    copyHeaders(reply, this.response)
    this.upgradeResponse.accept((headers) => {
      const { stream, head } = this.upgrade
      const { route } = target
      const onError = (error: unknown): void => request.log.error(error)
      const transport: Partial<Pick<Socket, 'setTimeout'>> = stream as Socket
      // Fastify's connectionTimeout is for requests.
      transport.setTimeout?.(0)
      try {
        accept({
          route,
          request: request as CarriedRequest,
          stream,
          head,
          opening,
          agreement: decision,
          headers,
          params: paramsOf(request),
          onError,
          onUserError,
        })
      } catch (reason) {
        refuseFor(reason, stream, this.upgrade.request, onError)
      }
    })
    return undefined
  }
}

/** Asks all that may have a say, one after the other. Rejects with a fault of one of them. */
async function decideTogether(
  { target, opening }: Checked,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<Decision<unknown>> {
  const { route, verifyClient, onSend } = target
  const refusal = verifyClient && (await verify(verifyClient, request))
  if (refusal) return refusal
  const decision = await route.decide(request as CarriedRequest, opening)
  if (!(decision instanceof Refusal)) await runOnSend(request, reply, onSend)
  return decision
}

/** As Fastify takes it: the fault behind it, if there is one; and where it names a protocol, that the connection ends. */
function errorFor(error: HandshakeError): Error {
  if (error.cause !== undefined) return error.cause as Error
  if (!error.headers.Upgrade) return error
  return Object.assign(error, { headers: { ...error.headers, Connection: 'Upgrade, close' } })
}

/** Sends a whole response that the application made, in Fastify's own way. Throws any other reason, which is Fastify's to answer. */
function answer(reply: FastifyReply, { reason }: Refusal): FastifyReply {
  if (!(reason instanceof UpgradeRejection)) throw reason
  const { status, headers, body } = reason
  for (const [name, value] of headers) reply.header(name, value)
  return reply.code(status).send(body.length > 0 ? body : undefined)
}

/** What hooks have set on the reply, which Fastify keeps to itself until it sends one. */
function copyHeaders(reply: FastifyReply, response: ServerResponse): void {
  const headers = reply.getHeaders()
  for (const name in headers) {
    const value = headers[name]
    if (value !== undefined) response.setHeader(name, value)
  }
}

/** A schema may have made other values of them than strings. */
function paramsOf({ params }: FastifyRequest): Record<string, string> {
  const strings: Record<string, string> = {}
  const given = params as Readonly<Record<string, unknown>>
  for (const name in given) {
    if (given[name] !== undefined) strings[name] = String(given[name])
  }
  return strings
}
