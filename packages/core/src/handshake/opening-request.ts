import type { IncomingMessage } from 'node:http'
import { isKey } from './accept-key.ts'
import { type ExtensionOffer, readExtensionOffers } from './extension-offer.ts'
import { type HandshakeError, type HandshakeErrorCode, handshakeError } from './handshake-error.ts'
import { includesToken } from './header-list.ts'
import { readHost } from './host.ts'
import { readSubprotocols } from './subprotocol.ts'

/** What a client's opening handshake asks for (RFC 6455 §4.2.1). */
export interface OpeningRequest {
  /** The `Sec-WebSocket-Key`, checked. */
  key: string
  /** Distinct names in the client's order; empty when it offers none. */
  subprotocols: readonly string[]
  /** In the client's order; empty when it offers none. */
  extensions: readonly ExtensionOffer[]
}

/**
 * What must hold before any value is read, in the order in which it is reported. Any header may be missing, even one
 * that made Node emit `upgrade`: a request with more headers than `server.maxHeadersCount` loses the last ones.
 *
 * The version comes before the key, because another version of the protocol may have another key (RFC 6455 §4.4).
 */
const CHECKS: readonly (readonly [HandshakeErrorCode, (request: IncomingMessage) => boolean])[] = [
  ['UPWIRE_BAD_METHOD', ({ method }) => method === 'GET'],
  ['UPWIRE_BAD_HTTP_VERSION', ({ httpVersion }) => Number(httpVersion) >= 1.1],
  ['UPWIRE_BAD_TARGET', (request) => requestPath(request) !== undefined],
  ['UPWIRE_BAD_HOST', hasOneHost],
  ['UPWIRE_BAD_UPGRADE', isWebSocketUpgrade],
  ['UPWIRE_BAD_CONNECTION', ({ headers }) => includesToken(headers.connection, 'upgrade')],
  ['UPWIRE_MISSING_VERSION', ({ headers }) => headers['sec-websocket-version'] !== undefined],
  ['UPWIRE_BAD_VERSION', ({ headers }) => headers['sec-websocket-version'] === '13'],
]

/** Characters no request target has: controls, spaces and the start of a fragment (RFC 9112 §3.2). */
const NOT_IN_TARGET = /[^!-~\x80-\xff]|#/

const ABSOLUTE_FORM = /^https?:\/\/([^/?]*)(.*)$/i

/** Whether the request's `Upgrade` header asks for the WebSocket protocol, among others or alone. */
export function isWebSocketUpgrade(request: IncomingMessage): boolean {
  return includesToken(request.headers.upgrade, 'websocket')
}

/** Makes every check of RFC 6455 §4.2.1; returns what was read, or the error to answer with. Never throws. */
export function readOpeningRequest(request: IncomingMessage): OpeningRequest | HandshakeError {
  const failed = CHECKS.find(([, holds]) => !holds(request))
  if (failed !== undefined) return handshakeError(failed[0])

  const { headers } = request
  const key = headers['sec-websocket-key']
  if (!isKey(key)) return handshakeError('UPWIRE_BAD_KEY')

  const subprotocols = readSubprotocols(headers['sec-websocket-protocol'])
  if (subprotocols === undefined) return handshakeError('UPWIRE_BAD_SUBPROTOCOL')

  const extensions = readExtensionOffers(headers['sec-websocket-extensions'])
  if (extensions === undefined) return handshakeError('UPWIRE_BAD_EXTENSIONS')

  return { key, subprotocols, extensions }
}

/**
 * The path of the request target, without the query and with its percent-encoding kept. Both the origin form
 * (`/chat?x=1`) and the absolute form (`http://host/chat?x=1`) are read; `undefined` for any other (RFC 9112 §3.2).
 */
export function requestPath(request: Pick<IncomingMessage, 'url'>): string | undefined {
  const { url } = request
  if (url === undefined || NOT_IN_TARGET.test(url)) return undefined
  return toOriginForm(url)?.split('?', 1)[0]
}

function toOriginForm(target: string): string | undefined {
  if (target.startsWith('/')) return target
  const [, authority, rest] = ABSOLUTE_FORM.exec(target) ?? []
  if (authority === undefined || readHost(authority) === undefined) return undefined
  return rest.startsWith('/') ? rest : `/${rest}`
}

/** Node keeps the first of several `Host` headers; RFC 9112 §3.2 has such a request refused. */
function hasOneHost({ headers, rawHeaders }: IncomingMessage): boolean {
  if (headers.host === undefined || readHost(headers.host) === undefined) return false
  const first = rawHeaders.findIndex(isHostName)
  return !rawHeaders.some((text, index) => index > first && isHostName(text, index))
}

/** Of a list of names, each with its value behind it. */
function isHostName(text: string, index: number): boolean {
  return index % 2 === 0 && text.length === 4 && text.toLowerCase() === 'host'
}
