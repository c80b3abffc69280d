import { type IncomingMessage, STATUS_CODES } from 'node:http'
import { isKey } from '../handshake/accept-key.ts'
import { readExtensionOffers } from '../handshake/extension-offer.ts'
import { isWebSocketUpgrade } from '../handshake/opening-request.ts'
import type { Rejection } from '../handshake/opening-response.ts'
import { readSubprotocols } from '../handshake/subprotocol.ts'
import type { PerMessageDeflateSettings } from '../permessage-deflate/options.ts'
import { EXTENSION_NAME } from '../permessage-deflate/parameters.ts'
import { agreeOnExtensions, type Extensions } from './agree-on-extensions.ts'

/** The status, body and headers of a refusal. */
export interface WsRefusal {
  readonly status: number
  readonly message: string
  readonly headers?: Readonly<Record<string, string>>
}

/** Why a `WebSocketServer` refuses, word for word what the package `ws` says: programs and their tests compare it. */
const WS_REFUSALS = {
  method: { status: 405, message: 'Invalid HTTP method' },
  upgrade: { status: 400, message: 'Invalid Upgrade header' },
  key: { status: 400, message: 'Missing or invalid Sec-WebSocket-Key header' },
  version: {
    status: 400,
    message: 'Missing or invalid Sec-WebSocket-Version header',
    headers: { 'Sec-WebSocket-Version': '13, 8' },
  },
  subprotocols: { status: 400, message: 'Invalid Sec-WebSocket-Protocol header' },
} as const satisfies Record<string, WsRefusal>

const EXTENSIONS_REFUSAL: WsRefusal = {
  status: 400,
  message: 'Invalid or unacceptable Sec-WebSocket-Extensions header',
}

/** Version 8 was a draft of RFC 6455; its frames are those of version 13. */
const VERSIONS = ['13', '8']

const CHECKS: Readonly<Record<keyof typeof WS_REFUSALS, (request: IncomingMessage) => boolean>> = {
  method: ({ method }) => method === 'GET',
  upgrade: isWebSocketUpgrade,
  key: ({ headers }) => isKey(headers['sec-websocket-key']),
  // In a request that a program has made up, as @fastify/websocket does to inject one, it is a number.
  version: ({ headers }) => VERSIONS.includes(String(headers['sec-websocket-version'])),
  subprotocols: ({ headers }) => readSubprotocols(headers['sec-websocket-protocol']) !== undefined,
}

const NAMES = Object.keys(WS_REFUSALS) as (keyof typeof WS_REFUSALS)[]

/** Why the opening handshake cannot be accepted; `undefined` where nothing speaks against it. */
export function wsRefusalOf(request: IncomingMessage): WsRefusal | undefined {
  const failed = NAMES.find((name) => !CHECKS[name](request))
  return failed && WS_REFUSALS[failed]
}

/**
 * The extensions of the connection. As `ws` does, a server that compresses refuses clients whose offers of it cannot be
 * read or accepted, where RFC 7692 §5.1 lets it go on without; one that does not compress reads no offers.
 */
export function wsExtensions(
  { headers }: IncomingMessage,
  settings: PerMessageDeflateSettings | undefined,
): Extensions | WsRefusal {
  if (!settings) return {}
  const offers = readExtensionOffers(headers['sec-websocket-extensions'])
  if (!offers) return EXTENSIONS_REFUSAL
  const agreed = agreeOnExtensions(offers, settings)
  const isDeclined = !agreed.compression && offers.some(({ name }) => name === EXTENSION_NAME)
  return isDeclined ? EXTENSIONS_REFUSAL : agreed
}

const HTML = ['Content-Type', 'text/html'] as const

/** A refusal as `ws` sends it: a page of the message alone, the name of the status where there is none. */
export function wsRejection(status: number, message?: string, headers: object = {}): Rejection {
  const given = Object.entries(headers).map(([name, value]) => [name, String(value)] as const)
  const hasType = given.some(([name]) => name.toLowerCase() === 'content-type')
  const all = hasType ? given : [HTML, ...given]
  return { status, headers: all, body: message || STATUS_CODES[status] }
}

/** The page that connects. Version 8 names it in a header of its own. */
export function wsOrigin({ headers }: IncomingMessage): string | undefined {
  const { origin, 'sec-websocket-origin': draftOrigin } = headers
  return String(headers['sec-websocket-version']) === '8' ? draftOrigin?.toString() : origin
}
