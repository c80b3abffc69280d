import type { OutgoingHttpHeaders } from 'node:http'
import { formatExtensions } from '../handshake/extension-offer.ts'
import type { Asked } from '../handshake/opening-response-check.ts'
import type { Address } from './address.ts'
import type { ResolvedClientOptions } from './client-options.ts'

/** By which a server knows a user. They are for the server they were given for, and nobody else. */
const CREDENTIALS: ReadonlySet<string> = new Set(['authorization', 'cookie', 'proxy-authorization'])

/** What the program wants in the request, in lower case: its own headers, and who it is. */
export function ownHeaders(
  { headers, auth }: ResolvedClientOptions,
  { userinfo }: Address,
): OutgoingHttpHeaders {
  const given = Object.entries(headers ?? {}).filter(([, value]) => value !== undefined)
  const own: OutgoingHttpHeaders = Object.fromEntries(
    given.map(([name, value]) => [name.toLowerCase(), value]),
  )
  return withAuthorization(own, userinfo ?? auth ?? undefined)
}

/**
 * Those that go along with a redirect. Credentials stay behind where it leads to another server or out of TLS, unless
 * somebody was asked to look after them; a Host header stays with its host.
 */
export function redirectedHeaders(
  headers: OutgoingHttpHeaders,
  from: Address,
  to: Address,
  keepCredentials: boolean,
): OutgoingHttpHeaders {
  const isSameServer = from.server === to.server
  const isTrusted = isSameServer && (to.isSecure || !from.isSecure)
  const stays = (name: string) =>
    keepCredentials || (name === 'host' ? isSameServer : isTrusted || !CREDENTIALS.has(name))
  const kept = Object.entries(headers).filter(([name]) => stays(name))
  return withAuthorization(Object.fromEntries(kept), to.userinfo)
}

/** All headers of the request that opens the handshake (RFC 6455 §4.1), but for `Host`. */
export function requestHeaders(
  own: OutgoingHttpHeaders,
  asked: Asked,
  { origin, protocolVersion }: ResolvedClientOptions,
): OutgoingHttpHeaders {
  const headers: OutgoingHttpHeaders = {
    ...own,
    'Sec-WebSocket-Version': protocolVersion,
    'Sec-WebSocket-Key': asked.key,
    Connection: 'Upgrade',
    Upgrade: 'websocket',
  }
  if (origin !== undefined) headers[protocolVersion === 8 ? 'Sec-WebSocket-Origin' : 'Origin'] = origin
  if (asked.subprotocols.length > 0) headers['Sec-WebSocket-Protocol'] = asked.subprotocols.join(',')
  if (asked.extensions.length > 0) headers['Sec-WebSocket-Extensions'] = formatExtensions(asked.extensions)
  return headers
}

/** RFC 7617 §2, unless an Authorization header is there already. */
function withAuthorization(headers: OutgoingHttpHeaders, userinfo: string | undefined): OutgoingHttpHeaders {
  if (userinfo === undefined || headers.authorization !== undefined) return headers
  return { ...headers, authorization: `Basic ${Buffer.from(userinfo).toString('base64')}` }
}
