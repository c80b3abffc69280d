import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { Duplex } from 'node:stream'
import {
  type Attachment,
  attach,
  type HttpServer,
  handshakeError,
  PathTable,
  requestPath,
  type Upgrade,
} from '@upwire/core/internal'
import type { GatewayRoute } from './gateway-route.ts'

/** Letters, digits and `-._~` need no percent-encoding (RFC 3986 §2.3). */
const NEEDLESSLY_ENCODED = /%(?:2[de]|3\d|4[1-9a-f]|5[0-9af]|6[1-9a-f]|7[0-9ae])/i

/** What the absolute form of a request target has in front (RFC 9112 §3.2.2). */
const AUTHORITY = /^https?:\/\/[^/?]*/i

/** A request that has come to a path of ours. */
export interface GatewayMatch {
  readonly gateway: GatewayRoute
  readonly params: Readonly<Record<string, string>>
}

/** Serves an upgrade: of a gateway or, without one, of a path that nobody serves. */
export type OnUpgrade = (upgrade: Upgrade, match: GatewayMatch | undefined) => void

/** The gateways of one HTTP server: the application's, or one of their own. */
export class GatewayPort implements Attachment {
  /** What nobody claims gets the application's own answer: its 404, or the 401 that comes before. */
  readonly answersUnclaimed = true
  readonly #routes: GatewayRoute[] = []
  readonly #paths = new PathTable<GatewayRoute>()
  readonly #detach: () => void
  readonly #onUpgrade: OnUpgrade
  #everyPath: GatewayRoute | undefined

  constructor(server: HttpServer, onUpgrade: OnUpgrade) {
    this.#onUpgrade = onUpgrade
    this.#detach = attach(server, this)
  }

  get routes(): readonly GatewayRoute[] {
    return this.#routes
  }

  find(path: string | undefined): GatewayRoute | undefined {
    return this.#routes.find((route) => route.path === path)
  }

  /** Throws a TypeError when the path cannot be read, or matches what another one does. */
  add(route: GatewayRoute): void {
    if (route.path === undefined) this.#everyPath = route
    else this.#paths.add(route.path, route)
    this.#routes.push(route)
  }

  detach(): void {
    this.#detach()
  }

  claims(request: IncomingMessage): boolean {
    return this.#match(request) !== undefined
  }

  upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void {
    request.url = request.url?.replace(AUTHORITY, '').replace(/^(?!\/)/, '/')
    this.#onUpgrade({ request, stream, head }, this.#match(request))
  }

  serverClosing(): void {
    for (const route of this.#routes) void route.close()
  }

  /**
   * A path has one spelling, for gateways as for the middleware in front of them: letters that are encoded lead to none,
   * and the absolute form is made the origin form before anybody sees it.
   */
  #match(request: IncomingMessage): GatewayMatch | undefined {
    const path = requestPath(request)
    if (path === undefined || NEEDLESSLY_ENCODED.test(path)) return undefined
    const found = this.#paths.find(path)
    if (found) return { gateway: found.value, params: found.params }
    return this.#everyPath && { gateway: this.#everyPath, params: {} }
  }
}

/** An HTTP server for gateways with a port of their own; what is no upgrade is told so. */
export function createGatewayServer(port: number, onError: (error: Error) => void): Server {
  const { status, headers, message } = handshakeError('UPWIRE_UPGRADE_REQUIRED')
  const server = createServer((_request, response) => {
    response.writeHead(status, { ...headers, 'Content-Type': 'text/plain; charset=utf-8' }).end(message)
  })
  return server.on('error', onError).listen(port)
}
