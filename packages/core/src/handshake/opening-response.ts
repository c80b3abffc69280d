import { acceptKey } from './accept-key.ts'
import type { HandshakeError } from './handshake-error.ts'
import { isToken } from './header-list.ts'
import { reasonPhrase } from './reason-phrase.ts'

type Header = readonly [name: string, value: string]

/** What a 101 says. */
export interface Acceptance {
  /** The client's `Sec-WebSocket-Key`. */
  key: string
  /** One of the offered subprotocols; left out, the connection has none. */
  subprotocol?: string
  /** The value of `Sec-WebSocket-Extensions`; left out or empty, there are none. */
  extensions?: string
  /** What middleware set on the response; a name may repeat, as `Set-Cookie` does. */
  headers?: readonly Header[]
}

/** What a refusal says. */
export interface Rejection {
  /** From 200 to 599. */
  status: number
  /** The reason phrase; by default the registered one of the status. */
  reason?: string
  headers?: Iterable<Header>
  /** Text is sent as UTF-8. By default there is no body. */
  body?: string | Uint8Array
}

/** Headers that frame a message or rule the connection: this file decides about them, not the caller. */
const FRAMING_HEADERS = [
  'connection',
  'content-length',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
]

const NOT_ON_REJECTION: ReadonlySet<string> = new Set(FRAMING_HEADERS)

const NOT_ON_ACCEPTANCE: ReadonlySet<string> = new Set([
  ...FRAMING_HEADERS,
  'upgrade',
  'sec-websocket-accept',
  'sec-websocket-extensions',
  'sec-websocket-protocol',
])

/** These end with their headers, and 204 must not even have a Content-Length (RFC 9110 §8.6, §15.3.6, §15.4.5). */
const STATUSES_WITHOUT_BODY: ReadonlySet<number> = new Set([204, 205, 304])

/** All but tab, space, visible characters and obs-text (RFC 9110 §5.5): CR, LF and NUL above all. */
const NOT_IN_FIELD_VALUE = /[^\t -~\x80-\xff]/

/**
 * The response that opens the connection (RFC 6455 §4.2.2, item 5), to be written as `latin1`. Of the extra headers,
 * those about the handshake, the connection or a body are left out, for a 101 has none. Throws a `TypeError` when a
 * header holds CR, LF, NUL or another character that no header may have.
 */
export function formatAcceptance(acceptance: Acceptance): string {
  const { key, subprotocol, extensions, headers = [] } = acceptance
  let head =
    'HTTP/1.1 101 Switching Protocols\r\n' +
    'Upgrade: websocket\r\n' +
    'Connection: Upgrade\r\n' +
    headerLine('Sec-WebSocket-Accept', acceptKey(key))
  if (subprotocol) head += headerLine('Sec-WebSocket-Protocol', subprotocol)
  if (extensions) head += headerLine('Sec-WebSocket-Extensions', extensions)
  return `${head}${headerLines(headers, NOT_ON_ACCEPTANCE)}\r\n`
}

/**
 * A complete HTTP response that refuses the handshake and announces that the connection closes. Content-Length is
 * that of the body; Content-Type is plain UTF-8 text unless given. `Date` is the caller's to add. Throws a
 * `RangeError` for a status outside 200–599, and a `TypeError` when the reason or a header holds CR, LF, NUL or
 * another character that may not be there.
 */
export function formatRejection(rejection: Rejection): Buffer {
  const { status, reason = reasonPhrase(status), body = '' } = rejection
  checkStatus(status)
  checkFieldValue('The reason phrase', reason)
  const headers = [...(rejection.headers ?? [])]
  const names = new Set(headers.map(([name]) => name.toLowerCase()))
  const withBody = !STATUSES_WITHOUT_BODY.has(status)
  const content = withBody ? bytesOf(body) : bytesOf('')

  let head = `HTTP/1.1 ${status} ${reason}\r\n${headerLines(headers, NOT_ON_REJECTION)}`
  if (content.length > 0 && !names.has('content-type')) head += 'Content-Type: text/plain; charset=utf-8\r\n'
  if (withBody) head += `Content-Length: ${content.length}\r\n`
  // Who sends Upgrade lists it in Connection (RFC 9110 §7.8).
  head += `Connection: ${names.has('upgrade') ? 'Upgrade, close' : 'close'}\r\n\r\n`
  return Buffer.concat([Buffer.from(head, 'latin1'), content])
}

/** The response to a failed handshake, with the error's message as its body. */
export function formatHandshakeError(error: HandshakeError): Buffer {
  const { status, headers, message } = error
  return formatRejection({ status, headers: Object.entries(headers), body: message })
}

function bytesOf(body: string | Uint8Array): Uint8Array {
  return typeof body === 'string' ? Buffer.from(body) : body
}

function headerLines(headers: Iterable<Header>, leftOut: ReadonlySet<string>): string {
  let lines = ''
  for (const [name, value] of headers) {
    if (!leftOut.has(name.toLowerCase())) lines += headerLine(name, value)
  }
  return lines
}

function headerLine(name: string, value: string): string {
  if (!isToken(name)) {
    throw new TypeError(`${JSON.stringify(name)} is not a header name; write a token (RFC 9110 §5.1)`)
  }
  checkFieldValue(`The value of the ${name} header`, value)
  return `${name}: ${value}\r\n`
}

function checkStatus(status: number): void {
  if (Number.isInteger(status) && status >= 200 && status <= 599) return
  throw new RangeError(`${status} cannot refuse a handshake; write a status from 200 to 599 (RFC 9110 §15)`)
}

function checkFieldValue(what: string, value: string): void {
  if (!NOT_IN_FIELD_VALUE.test(value)) return
  throw new TypeError(
    `${what} holds a line break, a control character or one beyond U+00FF (RFC 9110 §5.5); remove or encode it`,
  )
}
