import { type ExtensionOffer, formatExtensions, readExtensionOffers } from '../handshake/extension-offer.ts'

/** The parameters of one offer: `true` for one without a value, and a list where it is or may be repeated. */
export type ExtensionParameters = Record<string, unknown>

/** By extension, its offers in their order. */
export type Extensions = Record<string, ExtensionParameters | ExtensionParameters[]>

/** Reads a `Sec-WebSocket-Extensions` header (RFC 6455 §9.1). Throws a SyntaxError for one that does not follow the grammar. */
export function parse(header: string): Record<string, Record<string, (string | true)[]>[]> {
  const offers = readExtensionOffers(header)
  if (offers === undefined) throw new SyntaxError(`Invalid Sec-WebSocket-Extensions header: ${header}`)
  const extensions: ReturnType<typeof parse> = Object.create(null)
  for (const { name, parameters } of offers) {
    const values = [...parameters].map(([parameter, values]) => [parameter, [...values]])
    extensions[name] ??= []
    extensions[name].push(Object.assign(Object.create(null), Object.fromEntries(values)))
  }
  return extensions
}

/** Writes a `Sec-WebSocket-Extensions` header. Throws a TypeError for a name or a value that is not a token. */
export function format(extensions: Extensions): string {
  return formatExtensions(
    Object.entries(extensions).flatMap(([name, offers]) =>
      [offers].flat().map((parameters) => toOffer(name, parameters)),
    ),
  )
}

/** One offer as the rest of this package has it. */
export function toOffer(name: string, parameters: ExtensionParameters): ExtensionOffer {
  const values = Object.entries(parameters).map(([parameter, value]) => {
    const list = [value].flat().map((one) => (one === true ? true : String(one)))
    return [parameter, list] as const
  })
  return { name, parameters: new Map(values) }
}
