import type { IncomingMessage } from 'node:http'
import { isToken, splitTokens } from './header-list.ts'

/**
 * How the server picks one of the subprotocols a client offers: a list of names, best first; or a function that
 * returns one of the offered names, or `undefined` or `false` for none. The function is only asked when the client
 * offers at least one.
 */
export type SubprotocolRule =
  | readonly string[]
  | ((offered: readonly string[], request: IncomingMessage) => string | undefined | false)

/**
 * Throws a `TypeError` when `rule` cannot be a subprotocol rule: it is neither a list nor a function, or a name in the
 * list is not a token or stands there twice (RFC 6455 §4.1, item 10).
 */
export function checkSubprotocolRule(rule: SubprotocolRule | undefined): void {
  if (rule === undefined || typeof rule === 'function') return
  if (!Array.isArray(rule)) {
    const example = typeof rule === 'string' && isToken(rule) ? rule : 'chat.v1'
    throw new TypeError(`subprotocols: must be a list of names or a function; write ['${example}']`)
  }
  for (const [index, name] of rule.entries()) {
    if (typeof name !== 'string' || !isToken(name)) {
      throw new TypeError(
        `subprotocols: ${describe(name)} is not a token (RFC 6455 §4.1); write a name without spaces, commas, ` +
          `slashes or quotes, such as 'chat.v1'`,
      )
    }
    if (rule.indexOf(name) !== index) {
      throw new TypeError(`subprotocols: ${describe(name)} is listed twice; write it once`)
    }
  }
}

/**
 * The names in a `Sec-WebSocket-Protocol` request header, in the client's order: `[]` without the header, `undefined`
 * when it is malformed, empty, or repeats a name (RFC 6455 §4.1, item 10; §11.3.4).
 */
export function readSubprotocols(header: string | undefined): readonly string[] | undefined {
  if (header === undefined) return []
  const names = splitTokens(header)
  if (names === undefined || names.length === 0 || new Set(names).size !== names.length) return undefined
  return names
}

/**
 * The subprotocol of the connection, `undefined` for none (RFC 6455 §4.2.2, item 5.5). From a list it is the first
 * name of the list, not of the client, that was offered. Throws a `TypeError` when a function returns something that
 * was not offered, since the client would have to fail the connection (§4.1).
 */
export function chooseSubprotocol(
  offered: readonly string[],
  rule: SubprotocolRule | undefined,
  request: IncomingMessage,
): string | undefined {
  if (rule === undefined || offered.length === 0) return undefined
  if (typeof rule !== 'function') return rule.find((name) => offered.includes(name))
  const chosen = rule(offered, request)
  if (!chosen) return undefined
  if (offered.includes(chosen)) return chosen
  throw new TypeError(
    `subprotocols: the function returned ${describe(chosen)}, which the client did not offer; ` +
      'return one of the offered names, or undefined for none (RFC 6455 §4.2.2)',
  )
}

function describe(value: unknown): string {
  return typeof value === 'string' ? `'${value}'` : `a value of type ${typeof value}`
}
