import { createHash } from 'node:crypto'
import { Violation } from './violation.ts'

const CRLF = '\r\n'
const HEAD_END = CRLF + CRLF
const LONGEST_HEAD = 64 * 1024

/** RFC 6455 §1.3 */
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'

export interface Head {
  readonly startLine: string
  /** Names in lower case; what was sent more than once is joined by commas. */
  readonly headers: ReadonlyMap<string, string>
}

/** The head that `bytes` begin with and what follows it; nothing while it is not whole. */
export function readHead(bytes: Buffer): { head: Head; rest: Buffer } | undefined {
  const end = bytes.indexOf(HEAD_END)
  if (end < 0 && bytes.length > LONGEST_HEAD) throw new Violation('sent an HTTP head without an end')
  if (end < 0) return undefined
  const [startLine = '', ...fields] = bytes.toString('latin1', 0, end).split(CRLF)
  const headers = new Map<string, string>()
  for (const field of fields) {
    const [, name, value] = /^([^\s:]+):[ \t]*(.*?)[ \t]*$/.exec(field) ?? []
    if (name === undefined || value === undefined)
      throw new Violation(`sent a header without a name: ${field}`)
    const earlier = headers.get(name.toLowerCase())
    headers.set(name.toLowerCase(), earlier === undefined ? value : `${earlier}, ${value}`)
  }
  return { head: { startLine, headers }, rest: bytes.subarray(end + HEAD_END.length) }
}

/** The bytes of a head; a header whose value is null is left out. */
export function formatHead(startLine: string, headers: Readonly<Record<string, string | null>>): Buffer {
  const fields = Object.entries(headers).flatMap(([name, value]) =>
    value === null ? [] : `${name}: ${value}`,
  )
  return Buffer.from([startLine, ...fields].join(CRLF) + HEAD_END, 'latin1')
}

/** The accept key that belongs to a key (RFC 6455 §4.2.2). */
export function acceptKeyOf(key: string): string {
  return createHash('sha1')
    .update(key + GUID)
    .digest('base64')
}

export function statusOf({ startLine }: Head): number {
  const [, status] = /^HTTP\/1\.1 (\d{3})/.exec(startLine) ?? []
  if (!status) throw new Violation(`sent a status line that is none: ${startLine}`)
  return Number(status)
}

/** RFC 6455 §4.2.2: what a 101 must have. Throws a Violation. */
export function checkResponse({ headers }: Head, key: string): void {
  checkUpgrade(headers, 'response')
  if (headers.get('sec-websocket-accept') !== acceptKeyOf(key)) throw new Violation('sent a wrong accept key')
  if (headers.has('sec-websocket-protocol')) throw new Violation('agreed to a subprotocol nobody offered')
}

/** RFC 6455 §4.4: a server that does not speak the version says which it speaks. Throws a Violation. */
export function checkRefusal({ headers }: Head, version: string | null): void {
  if (version === null || version === '13' || headers.has('sec-websocket-version')) return
  throw new Violation(`refused version ${version} without Sec-WebSocket-Version`)
}

/** RFC 6455 §4.1: what a client must send. Returns its key. Throws a Violation. */
export function checkRequest({ startLine, headers }: Head): string {
  if (!/^GET \/\S* HTTP\/1\.1$/.test(startLine))
    throw new Violation(`sent a request line that is not GET with HTTP/1.1: ${startLine}`)
  checkUpgrade(headers, 'request')
  if (!headers.has('host')) throw new Violation('sent a request without Host')
  if (headers.get('sec-websocket-version') !== '13') throw new Violation('did not ask for version 13')
  const key = headers.get('sec-websocket-key') ?? ''
  if (!/^[A-Za-z0-9+/]{22}==$/.test(key)) throw new Violation('sent a key that is not 16 bytes in base64')
  return key
}

function checkUpgrade(headers: Head['headers'], what: string): void {
  const tokens = (name: string) => (headers.get(name) ?? '').toLowerCase().split(/\s*,\s*/)
  if (!tokens('upgrade').includes('websocket'))
    throw new Violation(`sent a ${what} without Upgrade: websocket`)
  if (!tokens('connection').includes('upgrade'))
    throw new Violation(`sent a ${what} without Connection: Upgrade`)
}
