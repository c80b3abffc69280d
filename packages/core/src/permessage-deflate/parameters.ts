import type { ExtensionOffer } from '../handshake/extension-offer.ts'

export const EXTENSION_NAME = 'permessage-deflate'

/** The parameters of RFC 7692 §7.1, as one offer or response has them. */
export interface Parameters {
  readonly serverNoContextTakeover: boolean
  readonly clientNoContextTakeover: boolean
  /** `undefined` where the parameter is absent. */
  readonly serverMaxWindowBits: number | undefined
  /** `true` for the parameter without a value: the server may choose one (RFC 7692 §7.1.2.2). */
  readonly clientMaxWindowBits: number | true | undefined
}

type Value = string | true

/** A decimal integer without leading zeros (RFC 7692 §7.1.2.1). */
const WINDOW_BITS = /^(?:8|9|1[0-5])$/

const isFlag = (value: Value) => value === true
const isWindowBits = (value: Value) => value !== true && WINDOW_BITS.test(value)

const VALID_VALUES: ReadonlyMap<string, (value: Value) => boolean> = new Map([
  ['server_no_context_takeover', isFlag],
  ['client_no_context_takeover', isFlag],
  ['server_max_window_bits', isWindowBits],
  ['client_max_window_bits', (value) => isFlag(value) || isWindowBits(value)],
])

/** The parameters of one element; `undefined` where one is unknown, repeated or of an invalid value (RFC 7692 §7.1). */
export function readParameters({ parameters }: ExtensionOffer): Parameters | undefined {
  for (const [name, values] of parameters) {
    if (values.length !== 1 || !VALID_VALUES.get(name)?.(values[0])) return undefined
  }
  const serverBits = parameters.get('server_max_window_bits')?.[0]
  const clientBits = parameters.get('client_max_window_bits')?.[0]
  return {
    serverNoContextTakeover: parameters.has('server_no_context_takeover'),
    clientNoContextTakeover: parameters.has('client_no_context_takeover'),
    serverMaxWindowBits: serverBits === undefined ? undefined : Number(serverBits),
    clientMaxWindowBits: typeof clientBits === 'string' ? Number(clientBits) : clientBits,
  }
}

/** The element that says `parameters`. */
export function formatParameters(parameters: Parameters): ExtensionOffer {
  const values: [name: string, value: number | boolean | undefined][] = [
    ['server_no_context_takeover', parameters.serverNoContextTakeover],
    ['client_no_context_takeover', parameters.clientNoContextTakeover],
    ['server_max_window_bits', parameters.serverMaxWindowBits],
    ['client_max_window_bits', parameters.clientMaxWindowBits],
  ]
  const element: ExtensionOffer = { name: EXTENSION_NAME, parameters: new Map() }
  for (const [name, value] of values) {
    if (value) element.parameters.set(name, [value === true ? true : String(value)])
  }
  return element
}
