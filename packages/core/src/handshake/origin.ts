import type { IncomingMessage } from 'node:http'
import { readHost } from './host.ts'

/**
 * Which web pages may open a connection (RFC 6455 §10.2). Browsers tell the page's origin and let no script change it;
 * programs that are no browser send none, or any they like: a rule guards the users of browsers, and is no login.
 *
 * - `'same-origin'`, the default: pages whose host and port are those of the `Host` header. The schemes are not
 *   compared, because a proxy in front may have ended TLS. Under DNS rebinding a page of an attacker's domain reaches
 *   this server with an `Origin` and a `Host` that agree; name exact origins to close that.
 * - A string: this origin exactly, as a browser writes it: `'https://app.example'`, `'http://localhost:3000'`.
 * - A RegExp: matching origins. Anchor it: `/^https:\/\/[a-z0-9-]+\.example\.com$/`.
 * - A list of those: any of them; it may hold `'same-origin'`.
 * - A function: given the header, or `undefined` without one, it returns true or false.
 * - `'dangerously-any'`: every page on the web, with the cookies of whoever looks at it.
 *
 * A request without an `Origin` header is allowed by everything but a function. The origin `null` (sandboxed frames,
 * local files) is allowed by nothing but a matching RegExp, a function or `'dangerously-any'`.
 */
export type OriginRule =
  | string
  | RegExp
  | readonly (string | RegExp)[]
  | ((origin: string | undefined, request: IncomingMessage) => boolean)
  | 'same-origin'
  | 'dangerously-any'

/** A scheme, a name of 255 characters and a port stay well below it: no longer text is shown to a user's RegExp. */
const MAX_ORIGIN_LENGTH = 512

const HTTP_ORIGIN = /^(https?):\/\/([^/]+)$/

const DEFAULT_PORT = new Map([
  ['http', 80],
  ['https', 443],
])

/** Whether `rule` lets the page that made this request open a connection. A refusal is answered with 403. */
export function originAllowed(rule: OriginRule, request: IncomingMessage): boolean {
  const { origin, host } = request.headers
  if (typeof rule === 'function') return askFunction(rule, origin, request)
  if (origin === undefined) return true
  return [rule].flat().some((pattern) => matches(pattern, origin, host))
}

function askFunction(
  rule: Extract<OriginRule, (...args: never[]) => unknown>,
  origin: string | undefined,
  request: IncomingMessage,
): boolean {
  const allowed: unknown = rule(origin, request)
  if (typeof allowed === 'boolean') return allowed
  throw new TypeError(
    `origin: the function returned a value of type ${typeof allowed}; return true or false, ` +
      'and decide what takes a promise in the upgrade hook',
  )
}

function matches(pattern: string | RegExp, origin: string, host: string | undefined): boolean {
  if (typeof pattern !== 'string') return origin.length <= MAX_ORIGIN_LENGTH && pattern.test(origin)
  if (pattern === 'same-origin') return isSameOrigin(origin, host)
  return pattern === 'dangerously-any' || pattern === origin
}

function isSameOrigin(origin: string, hostHeader: string | undefined): boolean {
  const [, scheme, authority] = HTTP_ORIGIN.exec(origin) ?? []
  if (authority === undefined || hostHeader === undefined) return false
  const page = readHost(authority)
  const server = readHost(hostHeader)
  if (page === undefined || server === undefined) return false
  const defaultPort = DEFAULT_PORT.get(scheme)
  return page.name === server.name && (page.port ?? defaultPort) === (server.port ?? defaultPort)
}

/** Throws a `TypeError` that says what to write instead when `rule` can never match, or matches unlike it reads. */
export function checkOriginRule(rule: OriginRule): void {
  if (typeof rule === 'function') return
  const patterns = [rule].flat()
  if (patterns.length === 0) {
    throw new TypeError("origin: an empty list refuses every page; name origins, or write 'same-origin'")
  }
  for (const pattern of patterns) checkPattern(pattern)
}

function checkPattern(pattern: unknown): void {
  if (pattern instanceof RegExp) {
    checkRegExp(pattern)
  } else if (typeof pattern === 'string') {
    checkString(pattern)
  } else {
    throw new TypeError(
      `origin: a value of type ${typeof pattern} is no rule; write 'same-origin', an origin such as ` +
        "'https://app.example', a RegExp, a list of those, or a function",
    )
  }
}

function checkRegExp({ source, flags, global, sticky }: RegExp): void {
  if (!global && !sticky) return
  const stateless = `/${source}/${flags.replace(/[gy]/g, '')}`
  throw new TypeError(
    `origin: the flags g and y make /${source}/${flags} start where it last stopped; write ${stateless}`,
  )
}

function checkString(text: string): void {
  if (text === 'same-origin' || text === 'dangerously-any') return
  if (text === '*' || text === 'null') {
    throw new TypeError(
      `origin: '${text}' lets any page on the web in; if you mean that, write 'dangerously-any'`,
    )
  }
  if (text.includes('*')) {
    throw new TypeError(
      `origin: '${text}' is compared as it stands, * matches nothing; ` +
        'write a RegExp, such as /^https:\\/\\/[a-z0-9-]+\\.example\\.com$/',
    )
  }
  const serialized = serializedOrigin(text)
  if (serialized === text) return
  throw new TypeError(
    `origin: '${text}' is not an origin as browsers write it (RFC 6454 §6.2); ` +
      `write '${serialized ?? 'https://app.example'}'`,
  )
}

/** What a browser would send for the page that `text` seems to mean; `undefined` when that cannot be told. */
function serializedOrigin(text: string): string | undefined {
  const url = text.includes('://') ? text : `https://${text}`
  try {
    const { protocol, host } = new URL(url)
    return `${protocol.replace(/^ws/, 'http')}//${host}`
  } catch {
    return undefined
  }
}
