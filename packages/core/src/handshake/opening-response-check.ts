import type { IncomingMessage } from 'node:http'
import { acceptKey } from './accept-key.ts'
import { ConnectError, type ConnectErrorCode } from './connect-error.ts'
import { type ExtensionOffer, readExtensionOffers } from './extension-offer.ts'
import { includesToken } from './header-list.ts'

/** What the request asked for. */
export interface Asked {
  /** The `Sec-WebSocket-Key`. */
  readonly key: string
  readonly subprotocols: readonly string[]
  readonly extensions: readonly ExtensionOffer[]
}

/** What the server agreed to. */
export interface OpeningResponse {
  /** One of those that were asked for; empty where none was. */
  readonly subprotocol: string
  /** Extensions that were offered. Their parameters are not checked here. */
  readonly extensions: readonly ExtensionOffer[]
}

type Response = Pick<IncomingMessage, 'statusCode' | 'headers'>

/** RFC 6455 §4.1, what a client must validate, items 2 to 4. */
const CHECKS: readonly (readonly [ConnectErrorCode, (response: Response, asked: Asked) => boolean])[] = [
  ['UPWIRE_BAD_RESPONSE_UPGRADE', ({ headers }) => headers.upgrade?.toLowerCase() === 'websocket'],
  ['UPWIRE_BAD_RESPONSE_CONNECTION', ({ headers }) => includesToken(headers.connection, 'upgrade')],
  [
    'UPWIRE_BAD_RESPONSE_ACCEPT',
    ({ headers }, { key }) => headers['sec-websocket-accept']?.trim() === acceptKey(key),
  ],
]

/** Makes every check of RFC 6455 §4.1; returns what was agreed on, or why the connection fails. Never throws. */
export function readOpeningResponse(response: Response, asked: Asked): OpeningResponse | ConnectError {
  const { statusCode: status, headers } = response
  if (status !== 101) return new ConnectError('UPWIRE_UNEXPECTED_RESPONSE', { status })
  const failed = CHECKS.find(([, holds]) => !holds(response, asked))
  if (failed !== undefined) return new ConnectError(failed[0])

  const { 'sec-websocket-protocol': subprotocol, 'sec-websocket-extensions': header } = headers
  const extensions = readExtensionOffers(header)
  const objection =
    objectionToSubprotocol(subprotocol, asked.subprotocols) ??
    objectionToExtensions(header, extensions, asked.extensions)
  if (objection !== undefined) return new ConnectError(objection)
  return { subprotocol: subprotocol ?? '', extensions: extensions ?? [] }
}

function objectionToSubprotocol(
  chosen: string | undefined,
  asked: readonly string[],
): ConnectErrorCode | undefined {
  if (chosen === undefined) return asked.length > 0 ? 'UPWIRE_NO_SUBPROTOCOL' : undefined
  if (asked.length === 0) return 'UPWIRE_UNASKED_SUBPROTOCOL'
  return asked.includes(chosen) ? undefined : 'UPWIRE_UNKNOWN_SUBPROTOCOL'
}

function objectionToExtensions(
  header: string | undefined,
  accepted: readonly ExtensionOffer[] | undefined,
  offered: readonly ExtensionOffer[],
): ConnectErrorCode | undefined {
  if (header === undefined) return undefined
  if (offered.length === 0) return 'UPWIRE_UNASKED_EXTENSION'
  if (accepted === undefined) return 'UPWIRE_BAD_RESPONSE_EXTENSIONS'
  const isOffered = (name: string) => offered.some((offer) => offer.name === name)
  return accepted.every(({ name }) => isOffered(name)) ? undefined : 'UPWIRE_UNKNOWN_EXTENSION'
}
