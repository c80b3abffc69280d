import type { Parameters } from '../vocabulary/compression.ts'
import { Violation } from './violation.ts'

export const EXTENSION_NAME = 'permessage-deflate'

/** One element of Sec-WebSocket-Extensions (RFC 6455 §9.1). */
export interface Extension {
  readonly name: string
  readonly parameters: readonly (readonly [name: string, value: Value])[]
}

/** A token, a quoted string or a single character: all that a well-formed header is made of. */
const PIECE = /[\w!#$%&'*+.^`|~-]+|"(?:[^"\\]|\\.)*"|\S/g

type Value = string | true
type Reader = (value: Value) => number | true

const flag: Reader = (value) => {
  if (value === true) return value
  throw new Violation(`a value, ${value}, for a parameter that has none`)
}
const bits: Reader = (value) => {
  if (value === true || !/^(?:[89]|1[0-5])$/.test(value)) throw new Violation(`window bits of ${value}`)
  return Number(value)
}

/** How a response may write each parameter (RFC 7692 §7.1). */
const IN_RESPONSE: ReadonlyMap<string, Reader> = new Map([
  ['server_no_context_takeover', flag],
  ['client_no_context_takeover', flag],
  ['server_max_window_bits', bits],
  ['client_max_window_bits', bits],
])
/** §7.1.2.2: only in an offer may this one be without a value. */
const IN_OFFER = new Map(IN_RESPONSE).set('client_max_window_bits', (value) => value === true || bits(value))

export function formatExtension(parameters: Parameters): string {
  const fields = Object.entries(parameters).map(([name, value]) =>
    value === true ? name : `${name}=${value}`,
  )
  return [EXTENSION_NAME, ...fields].join('; ')
}

export function parseExtensions(header: string): Extension[] {
  const pieces = header.match(PIECE) ?? []
  return split(pieces, ',').map((element) => {
    const [[name = ''] = [], ...fields] = split(element, ';')
    return { name, parameters: fields.map(([field = '', , value]) => [field, unquoted(value)] as const) }
  })
}

/** The parameters of an offer; nothing for one that the server has to decline. */
export function offeredParameters({ name, parameters }: Extension): Parameters | undefined {
  if (name !== EXTENSION_NAME) return undefined
  try {
    return readParameters(parameters, IN_OFFER)
  } catch {
    return undefined
  }
}

/** The parameters of a response. Throws a Violation where one is not as it must be. */
export function agreedParameters({ name, parameters }: Extension): Parameters {
  if (name !== EXTENSION_NAME) throw new Violation(`agreed to an extension nobody offered: ${name}`)
  return readParameters(parameters, IN_RESPONSE)
}

function readParameters(
  parameters: Extension['parameters'],
  readers: ReadonlyMap<string, Reader>,
): Parameters {
  const names = parameters.map(([field]) => field)
  if (new Set(names).size < names.length) throw new Violation('agreed to a parameter twice')
  return Object.fromEntries(
    parameters.map(([field, value]) => {
      const read = readers.get(field)
      if (!read) throw new Violation(`agreed to an unknown parameter: ${field}`)
      return [field, read(value)]
    }),
  )
}

/** Whether a server may give this response to this offer (RFC 7692 §7.1.1, §7.1.2). */
export function isResponseTo(offer: Parameters, response: Parameters): boolean {
  const { server_max_window_bits: serverBits = Number.POSITIVE_INFINITY } = response
  const { client_max_window_bits: clientBits } = response
  if (offer.server_no_context_takeover && !response.server_no_context_takeover) return false
  if (offer.server_max_window_bits && serverBits > offer.server_max_window_bits) return false
  if (clientBits === undefined || offer.client_max_window_bits === true) return true
  return Number(clientBits) <= Number(offer.client_max_window_bits)
}

function split(pieces: readonly string[], separator: string): string[][] {
  const groups: string[][] = [[]]
  for (const piece of pieces) {
    if (piece === separator) groups.push([])
    else groups.at(-1)!.push(piece)
  }
  return groups.filter((group) => group.length > 0)
}

function unquoted(value: string | undefined): Value {
  if (value === undefined) return true
  return value.startsWith('"') ? value.slice(1, -1).replaceAll(/\\(.)/g, '$1') : value
}
