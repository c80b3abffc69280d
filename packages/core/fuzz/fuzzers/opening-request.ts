import { acceptKey } from '../../src/handshake/accept-key.ts'
import { formatExtensions } from '../../src/handshake/extension-offer.ts'
import { HANDSHAKE_ERRORS, type HandshakeErrorCode } from '../../src/handshake/handshake-error.ts'
import { isToken } from '../../src/handshake/header-list.ts'
import { type OpeningRequest, readOpeningRequest, requestPath } from '../../src/handshake/opening-request.ts'
import { readOpeningResponse } from '../../src/handshake/opening-response-check.ts'
import { requestWith, SAMPLE_KEY } from '../../test/handshake/request.ts'
import type { Choices } from '../../test/support/random-source.ts'
import { BrokenProperty, expectThat, type Fuzzer } from '../fuzzer.ts'
import { headerText } from '../header-text.ts'
import { mutate } from '../mutations.ts'

/** What the headers of a good request say, and other values that some client has sent. */
const HEADERS: Readonly<Record<string, readonly string[]>> = {
  host: ['server.example', '[::1]:8080', 'a b', '', 'server.example:99999'],
  upgrade: ['websocket', 'WebSocket', 'h2c, websocket', 'TLS/1.0', 'websocket/13'],
  connection: ['Upgrade', 'keep-alive, Upgrade', 'close', 'upgrade,'],
  'sec-websocket-key': [SAMPLE_KEY, 'short', 'dGhlIHNhbXBsZSBub25jZR=='],
  'sec-websocket-version': ['13', '8', '13, 8', ''],
}
const TARGETS = ['/', '/chat?x=1', 'http://server.example/chat', '*', '//', '/%zz', '/a#b', 'http://[/']
const METHODS = ['GET', 'GET', 'GET', 'POST', 'get']
const VERSIONS = ['1.1', '1.1', '1.0', '2.0', '']
/** How often a header is as it should be. */
const GOOD = 0.85

/** The opening handshake, at the server; and at the client what the server answers. */
export const openingRequest: Fuzzer = {
  name: 'opening-request',
  seeds: 'requests',
  about: 'requests to open a WebSocket, and what a client is answered',
  generate(choices) {
    const line = [METHODS, TARGETS, VERSIONS].map((values) => goodOr(choices, values)).join(' ')
    const headers = Object.entries(HEADERS)
      .filter(() => choices.chance(0.97))
      .map(([name, values]) => `${name}: ${goodOr(choices, values)}`)
    const lists = ['sec-websocket-protocol', 'sec-websocket-extensions']
      .filter(() => choices.chance(0.5))
      .map((name) => `${name}: ${headerText(choices).toString('latin1')}`)
    const head = Buffer.from([line, ...headers, ...lists].join('\n'), 'latin1')
    return choices.chance(0.2) ? mutate(head, choices) : head
  },
  check(input) {
    const request = requestOf(input.toString('latin1'))
    const path = requestPath(request)
    expectThat(path === undefined || path.startsWith('/'), 'a path begins with a slash', () => String(path))
    const result = readOpeningRequest(request)
    if (result instanceof Error) {
      const row = HANDSHAKE_ERRORS[result.code as HandshakeErrorCode]
      expectThat(row?.status === result.status, 'a refusal is a row of the table', () => result.code)
      return
    }
    expectThat(path !== undefined, 'a request that is good has a path', () => String(request.url))
    checkAnswer(result)
  },
}

/** The best of each list must be good for a client that reads what is answered. */
function checkAnswer({ key, subprotocols, extensions }: OpeningRequest): void {
  expectThat(subprotocols.every(isToken), 'offered subprotocols are tokens', () => subprotocols.join())
  const chosen = extensions.slice(0, 1)
  const headers = {
    upgrade: 'websocket',
    connection: 'Upgrade',
    'sec-websocket-accept': acceptKey(key),
    'sec-websocket-protocol': subprotocols[0],
    'sec-websocket-extensions': chosen.length > 0 ? formatExtensions(chosen) : undefined,
  }
  const answer = readOpeningResponse({ statusCode: 101, headers }, { key, subprotocols, extensions })
  if (answer instanceof Error) throw new BrokenProperty('a client takes what a server chose', answer.message)
}

/** A line for the request, then a line for each header; the last of a name counts. */
function requestOf(head: string) {
  const [line, ...lines] = head.split('\n')
  const [method = '', url, httpVersion = ''] = line.split(' ')
  const headers = lines.map((text) => {
    const colon = text.indexOf(':')
    return [text.slice(0, colon).toLowerCase(), text.slice(colon + 1).trim()]
  })
  return requestWith(Object.fromEntries(headers), { method, url, httpVersion })
}

function goodOr(choices: Choices, values: readonly string[]): string {
  return choices.chance(GOOD) ? values[0] : choices.oneOf(values)
}
