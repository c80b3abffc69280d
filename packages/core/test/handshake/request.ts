import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'

/** The key and, through `acceptKey`, the accept value of the example in RFC 6455 §1.3. */
export const SAMPLE_KEY = 'dGhlIHNhbXBsZSBub25jZQ=='
export const SAMPLE_ACCEPT = 's3pPLMBiTxaQ9kYGzzhZRbK+xOo='

const OPENING_HEADERS = {
  host: 'server.example',
  upgrade: 'websocket',
  connection: 'Upgrade',
  'sec-websocket-key': SAMPLE_KEY,
  'sec-websocket-version': '13',
} as const

interface RequestLine {
  method?: string
  url?: string | undefined
  httpVersion?: string
}

/** A request as Node would parse it, never connected. A header given as `undefined` is not in it. */
export function requestWith(
  headers: Record<string, string | undefined>,
  { method = 'GET', url = '/', httpVersion = '1.1' }: RequestLine = {},
): IncomingMessage {
  const present = Object.entries(headers).filter(
    (header): header is [string, string] => header[1] !== undefined,
  )
  const request = new IncomingMessage(new Socket())
  Object.assign(request, { method, url, httpVersion, rawHeaders: present.flat() })
  request.headers = Object.fromEntries(present)
  return request
}

/** A valid opening handshake, but for `changes`. */
export function openingRequest(
  changes: Record<string, string | undefined> = {},
  line: RequestLine = {},
): IncomingMessage {
  return requestWith({ ...OPENING_HEADERS, ...changes }, line)
}
