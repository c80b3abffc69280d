import { isToken } from '../handshake/header-list.ts'
import { MAX_DELAY } from '../routing/in-time.ts'
import type { ClientOptions } from '../websocket/client-options.ts'
import { isMessageMode } from '../websocket/message-mode.ts'

const DEFAULTS = {
  handshakeTimeout: 10_000,
  maxHeaderSize: 16 * 1024,
  followRedirects: false,
  maxRedirects: 10,
  redirectedCredentials: 'drop',
  protocolVersion: 13,
} satisfies ClientOptions

type Defaulted = Required<Pick<ClientOptions, keyof typeof DEFAULTS>>

/** `ClientOptions` checked, with the defaults filled in. */
export interface ResolvedClientOptions extends Omit<ClientOptions, 'protocols' | keyof Defaulted>, Defaulted {
  readonly subprotocols: readonly string[]
}

type Check = readonly [isValid: (value: unknown) => boolean, expected: string]

const isSize = (value: unknown) => Number.isSafeInteger(value) && Number(value) > 0

const CHECKS: Readonly<Partial<Record<keyof ClientOptions, Check>>> = {
  handshakeTimeout: [
    (value) => typeof value === 'number' && value >= 0,
    'a time in milliseconds, 0 for none',
  ],
  maxHeaderSize: [isSize, 'a number of bytes above 0'],
  maxRedirects: [(value) => Number.isInteger(value) && Number(value) >= 0, 'a number of redirects'],
  redirectedCredentials: [(value) => value === 'drop' || value === 'ask', "'drop' or 'ask'"],
  messages: [isMessageMode, "'whole' or 'streamed'"],
  dangerouslyIgnoreCertificate: [(value) => typeof value === 'boolean', 'true or false'],
  finishRequest: [isFunction, 'a function such as (request) => request.end()'],
  onError: [isFunction, 'a function such as (error, socket) => …'],
  generateMask: [isFunction, 'a function that fills a Buffer of 4 bytes'],
  // Those of which Node does not check each character itself before it writes or connects.
  auth: [isOneLine, "one line of text such as 'user:password'"],
  servername: [isOneLine, 'one line of text'],
  localAddress: [isOneLine, 'one line of text'],
}

/**
 * Reads the arguments of `new WebSocket(address, protocols?, options?)`, where the options may come second. Throws a
 * SyntaxError for subprotocols, a RangeError for a version and a TypeError for other options that cannot be used.
 */
export function resolveClientOptions(
  protocols: string | readonly string[] | ClientOptions | undefined,
  options: ClientOptions = {},
): ResolvedClientOptions {
  if (isOptions(protocols)) return resolveClientOptions(undefined, protocols)
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value != null))
  const merged: ClientOptions & Defaulted = { ...DEFAULTS, ...given }
  const { protocols: wsName, ...resolved } = merged
  for (const [name, [isValid, expected]] of Object.entries(CHECKS)) {
    const value = merged[name as keyof typeof CHECKS]
    if (value !== undefined && !isValid(value)) {
      throw new TypeError(`Option ${name} must be ${expected}, not ${String(value)}`)
    }
  }
  checkVersion(resolved.protocolVersion)
  const named = protocols === undefined ? (resolved.subprotocols ?? wsName ?? []) : protocols
  const subprotocols = [named].flat()
  checkSubprotocols(subprotocols)
  return { ...resolved, subprotocols, handshakeTimeout: Math.min(resolved.handshakeTimeout, MAX_DELAY) }
}

/** Whether the options stand in the place of the subprotocols. */
export function isOptions<Options extends object>(
  value: string | readonly string[] | Options | null | undefined,
): value is Options {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isFunction(value: unknown): boolean {
  return typeof value === 'function'
}

function isOneLine(value: unknown): boolean {
  return typeof value === 'string' && !/[\r\n\0]/.test(value)
}

function checkVersion(version: unknown): void {
  if (version === 8 || version === 13) return
  throw new RangeError(`Unsupported protocol version: ${version} (supported versions: 8, 13)`)
}

/** RFC 6455 §4.1, item 10. */
function checkSubprotocols(names: readonly unknown[]): void {
  const areTokens = names.every((name) => typeof name === 'string' && isToken(name))
  if (areTokens && new Set(names).size === names.length) return
  throw new SyntaxError('An invalid or duplicated subprotocol was specified')
}
