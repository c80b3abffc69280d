import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { OpeningRequest } from '../handshake/opening-request.ts'
import { formatAcceptance } from '../handshake/opening-response.ts'
import type { Agreement, ConnectionRegistry, Route } from '../routing/route.ts'
import type { UpgradeRequest } from '../routing/upgrade-request.ts'
import type { Opening } from '../websocket/opening.ts'
import { openWebSocket, WebSocket } from '../websocket/websocket.ts'
import { agreeOnExtensions } from './agree-on-extensions.ts'
import { logError, type OnError } from './error-path.ts'

/** What Node's 'upgrade' event hands over. */
export interface Upgrade<Request extends IncomingMessage = IncomingMessage> {
  readonly request: Request
  /** Any duplex stream; nothing of it may have been read or written. */
  readonly stream: Duplex
  /** What arrived behind the request. */
  readonly head: Buffer
}

/** An opening handshake that everybody has agreed to. */
export interface AgreedUpgrade<Data, Request extends IncomingMessage = UpgradeRequest>
  extends Upgrade<Request> {
  readonly route: Route<Data, Request>
  /** From `route.check`. */
  readonly opening: OpeningRequest
  /** From `route.decide`. */
  readonly agreement: Agreement<Data>
  /** Further headers for the 101, such as those that middleware set; a name may repeat. */
  readonly headers?: Agreement<Data>['headers']
  /** Becomes `socket.params`. */
  readonly params: Readonly<Record<string, string>>
  /** The application's error path, told of each error of user code on this connection. */
  readonly onError: OnError
  /** Takes its place after the 101 where nobody needs the request any more, which is not kept then. */
  readonly onUserError?: (error: unknown, socket: WebSocket) => void
}

/**
 * Writes the 101 and opens the connection, at once: its handler has begun when this returns. Returns `undefined` when
 * the peer has gone meanwhile. Throws, having written nothing, a `HandshakeError` when the server is shutting down, and
 * a TypeError for a header that cannot be sent.
 */
export function accept<Data, Request extends IncomingMessage>(
  upgrade: AgreedUpgrade<Data, Request>,
): WebSocket<Data> | undefined {
  const { route, request, stream, head, opening, agreement, params } = upgrade
  const { data, protocol } = agreement
  const headers = [...(upgrade.headers ?? []), ...agreement.headers]
  const socket = new WebSocket<Data>(null)
  const { extensions, compression } = agreeOnExtensions(
    opening.extensions,
    route.perMessageDeflate,
    route.settings.handling.messages,
  )
  const response = formatAcceptance({ key: opening.key, subprotocol: protocol, extensions, headers })
  const isOpen = switchProtocols(socket, response, route.connections, {
    stream,
    head,
    settings: route.settings,
    protocol: protocol ?? '',
    extensions: extensions ?? '',
    compression,
    params,
    data,
    start: route.starter(request),
    onUserError: userErrorPath(upgrade),
    onEnd: route.connections.leave,
  })
  return isOpen ? socket : undefined
}

/**
 * Where errors of user code go. The request, and with it all that a framework hangs on it, is kept only for a path that
 * looks at it: not for the log, nor where an `error` hook stands in front; what that hook throws itself is logged.
 */
function userErrorPath<Data, Request extends IncomingMessage>({
  route,
  request,
  onError,
  onUserError,
}: AgreedUpgrade<Data, Request>): (error: unknown, socket: WebSocket) => void {
  if (onUserError) return onUserError
  if (onError === logError || route.settings.handling.hooks.error) return logError
  return (error, socket) => onError(error, socket, request)
}

/**
 * The one place where a stream becomes a WebSocket: enters it, writes the 101, which is `response` as a whole, and opens
 * the connection. Returns false when the stream has ended already.
 */
export function switchProtocols<Data>(
  socket: WebSocket<Data>,
  response: string,
  connections: Pick<ConnectionRegistry, 'enter'>,
  opening: Opening<Data>,
): boolean {
  const { stream } = opening
  if (!stream.readable || !stream.writable) {
    stream.destroy()
    return false
  }
  connections.enter(socket, stream)
  stream.write(response, 'latin1')
  openWebSocket(socket, opening)
  return true
}
