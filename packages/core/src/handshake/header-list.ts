/** Indexed by character code; 1 where the character may stand in a token (RFC 9110 §5.6.2). */
const TOKEN_CHARACTERS = new Uint8Array(128)
for (const character of "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") {
  TOKEN_CHARACTERS[character.charCodeAt(0)] = 1
}

function isTokenCharacter(code: number): boolean {
  return TOKEN_CHARACTERS[code] === 1
}

/** RFC 9110 §5.6.3: a space or a tab. */
function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x09
}

/**
 * Reads a header value piece by piece, from left to right and each character once.
 *
 * A read that finds nothing of its kind moves nowhere. Whitespace may stand around every piece: the implied `*LWS`
 * under which RFC 6455 §4.3 and §9.1 define their headers.
 */
export class HeaderScanner {
  readonly #value: string
  #position = 0

  constructor(value: string) {
    this.#value = value
    this.#moveTo(0)
  }

  get atEnd(): boolean {
    return this.#position === this.#value.length
  }

  /** Reads the longest token from here; `''` when there is none. */
  takeToken(): string {
    const start = this.#position
    let end = start
    while (isTokenCharacter(this.#value.charCodeAt(end))) end++
    this.#moveTo(end)
    return this.#value.slice(start, end)
  }

  /**
   * Reads a quoted string that holds a token; `''` when there is none. A value has to be a token once unescaped
   * (RFC 6455 §9.1), so nothing but token characters, escaped or not, may stand between the quotes.
   */
  takeQuotedToken(): string {
    if (this.#value[this.#position] !== '"') return ''
    let token = ''
    for (let at = this.#position + 1; at < this.#value.length; at++) {
      if (this.#value[at] === '"') {
        this.#moveTo(at + 1)
        return token
      }
      if (this.#value[at] === '\\') at++
      if (!isTokenCharacter(this.#value.charCodeAt(at))) return ''
      token += this.#value[at]
    }
    return ''
  }

  /** Steps over `delimiter` if it is next, and says whether it was. */
  take(delimiter: ',' | ';' | '='): boolean {
    if (this.#value[this.#position] !== delimiter) return false
    this.#moveTo(this.#position + 1)
    return true
  }

  /** Steps behind the next `delimiter`, whatever comes before it, and says whether there was one. */
  skipPast(delimiter: ','): boolean {
    const at = this.#value.indexOf(delimiter, this.#position)
    if (at === -1) return false
    this.#moveTo(at + 1)
    return true
  }

  #moveTo(position: number): void {
    let next = position
    while (isSpace(this.#value.charCodeAt(next))) next++
    this.#position = next
  }
}

/** Whether the whole of `value` is one token (RFC 9110 §5.6.2). */
export function isToken(value: string): boolean {
  return value !== '' && new HeaderScanner(value).takeToken() === value
}

/**
 * The elements of a comma-separated list of tokens; `undefined` when anything else is in it. Empty elements are passed
 * over, as RFC 9110 §5.6.1.2 asks of a recipient, so a value of nothing but commas and spaces is an empty list.
 */
export function splitTokens(value: string): string[] | undefined {
  const scanner = new HeaderScanner(value)
  const tokens: string[] = []
  do {
    const token = scanner.takeToken()
    if (token !== '') tokens.push(token)
  } while (scanner.take(','))
  return scanner.atEnd ? tokens : undefined
}

/**
 * Whether one element of the list is `token`, in any case of letters. Elements that are no token are passed over
 * rather than spoil the list: `Upgrade` may also name protocols with a version, as `TLS/1.0` (RFC 9110 §7.8).
 */
export function includesToken(value: string | undefined, token: string): boolean {
  if (value === undefined) return false
  const wanted = token.toLowerCase()
  const scanner = new HeaderScanner(value)
  do {
    const isWanted = scanner.takeToken().toLowerCase() === wanted
    if (isWanted && (scanner.atEnd || scanner.take(','))) return true
  } while (scanner.skipPast(','))
  return false
}
