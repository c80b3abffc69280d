import { HeaderScanner, isToken } from './header-list.ts'

/** One element of a `Sec-WebSocket-Extensions` header: offered by a client, or accepted by a server. */
export interface ExtensionOffer {
  name: string
  /** By parameter name, the values in their order; `true` for a parameter without a value. */
  parameters: Map<string, readonly (string | true)[]>
}

/** A client lists each fallback as an offer of its own; those in use send one to four. */
const MAX_OFFERS = 32

/** Of one offer. permessage-deflate, the only registered extension in use, has four (RFC 7692 §7.1). */
const MAX_PARAMETERS = 32

/**
 * The offers in a `Sec-WebSocket-Extensions` header, in their order: `[]` without the header, `undefined` when it does
 * not follow the grammar of RFC 6455 §9.1 or holds more than 32 offers, or more than 32 parameters in one of them.
 */
export function readExtensionOffers(header: string | undefined): readonly ExtensionOffer[] | undefined {
  if (header === undefined) return []
  const scanner = new HeaderScanner(header)
  const offers: ExtensionOffer[] = []
  do {
    const name = scanner.takeToken()
    if (name === '') continue
    const parameters = readParameters(scanner)
    if (parameters === undefined || offers.length === MAX_OFFERS) return undefined
    offers.push({ name, parameters })
  } while (scanner.take(','))
  return scanner.atEnd && offers.length > 0 ? offers : undefined
}

function readParameters(scanner: HeaderScanner): ExtensionOffer['parameters'] | undefined {
  const parameters: ExtensionOffer['parameters'] = new Map()
  for (let count = 0; scanner.take(';'); count++) {
    const name = scanner.takeToken()
    const value = scanner.take('=') ? scanner.takeToken() || scanner.takeQuotedToken() : true
    if (name === '' || value === '' || count === MAX_PARAMETERS) return undefined
    parameters.set(name, [...(parameters.get(name) ?? []), value])
  }
  return parameters
}

/**
 * The `Sec-WebSocket-Extensions` value that says `extensions` (RFC 6455 §9.1); `''` for none. Throws a `TypeError` when
 * a name or a value is not a token.
 */
export function formatExtensions(extensions: readonly ExtensionOffer[]): string {
  return extensions.map(formatExtension).join(', ')
}

function formatExtension({ name, parameters }: ExtensionOffer): string {
  let text = token(name)
  for (const [parameter, values] of parameters) {
    for (const value of values) text += `; ${token(parameter)}${value === true ? '' : `=${token(value)}`}`
  }
  return text
}

function token(text: string): string {
  if (isToken(text)) return text
  throw new TypeError(
    `Sec-WebSocket-Extensions: ${JSON.stringify(text)} is not a token (RFC 6455 §9.1); ` +
      'write names and values without spaces, commas, semicolons or quotes',
  )
}
