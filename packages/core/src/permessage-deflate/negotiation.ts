import type { ExtensionOffer } from '../handshake/extension-offer.ts'
import type { PerMessageDeflateSettings } from './options.ts'
import { EXTENSION_NAME, formatParameters, type Parameters, readParameters } from './parameters.ts'

/** How the messages of one direction are compressed. */
export interface Compression {
  /** The base-2 logarithm of the window, 8 to 15. */
  readonly windowBits: number
  /** Whether a message may refer to those before it (RFC 7692 §7.1.1). */
  readonly contextTakeover: boolean
}

/** What both ends have agreed on. */
export interface Agreement {
  /** How this endpoint compresses. */
  readonly outgoing: Compression
  /** How the peer compresses. */
  readonly incoming: Compression
  /** The element of `Sec-WebSocket-Extensions` by which the server says so. */
  readonly response: ExtensionOffer
}

const LARGEST_WINDOW_BITS = 15

/** A response to a client's offer that fails the connection (RFC 7692 §7.1). */
export class ExtensionResponseError extends Error {
  readonly code = 'UPWIRE_BAD_EXTENSION_RESPONSE'

  constructor(problem: string) {
    super(`The server's Sec-WebSocket-Extensions header ${problem}`)
  }
}

/**
 * Accepts the first offer of permessage-deflate that this server can serve; `undefined` for none. An offer with a
 * parameter that is unknown, repeated or of an invalid value is declined, as RFC 7692 §7.1 demands, and the next one
 * looked at: a client lists its fallbacks in order of preference (§5.1).
 */
export function acceptOffer(
  offers: readonly ExtensionOffer[],
  settings: PerMessageDeflateSettings,
): Agreement | undefined {
  for (const offer of offers) {
    const offered = offer.name === EXTENSION_NAME ? readParameters(offer) : undefined
    if (offered === undefined || !isServable(offered, settings)) continue
    const agreed = answer(offered, settings)
    return { outgoing: ofServer(agreed), incoming: ofClient(agreed), response: formatParameters(agreed) }
  }
  return undefined
}

/** What a client of these settings offers. */
export function offer(settings: PerMessageDeflateSettings): ExtensionOffer {
  return formatParameters(request(settings))
}

/**
 * What the server made of a client's offer; `undefined` where it declined. Throws an `ExtensionResponseError` for a
 * response that is invalid or does not fit the offer.
 */
export function acceptResponse(
  response: readonly ExtensionOffer[],
  settings: PerMessageDeflateSettings,
): Agreement | undefined {
  if (response.length === 0) return undefined
  const [element] = response
  if (response.length > 1 || element.name !== EXTENSION_NAME) {
    throw new ExtensionResponseError('holds more than the one extension that was offered (RFC 6455 §9.1)')
  }
  const answered = readParameters(element)
  if (answered === undefined || !isAnswer(answered)) {
    throw new ExtensionResponseError(
      'has a parameter that is unknown, repeated or of an invalid value (RFC 7692 §7.1)',
    )
  }
  const requested = request(settings)
  checkAnswer(answered, requested, settings)
  const outgoing = ofClient({
    ...answered,
    clientNoContextTakeover: answered.clientNoContextTakeover || requested.clientNoContextTakeover,
    clientMaxWindowBits: answered.clientMaxWindowBits ?? requested.clientMaxWindowBits,
  })
  return { outgoing, incoming: ofServer(answered), response: element }
}

function isServable(offered: Parameters, settings: PerMessageDeflateSettings): boolean {
  if (offered.serverNoContextTakeover && settings.serverNoContextTakeover === false) return false
  // RFC 7692 §7.1.2.2: only a client that offers the parameter can be told to use a smaller window.
  return offered.clientMaxWindowBits !== undefined || typeof settings.clientMaxWindowBits !== 'number'
}

/** An option that is set has the last word on contexts; of two windows the smaller one is taken. */
function answer(offered: Parameters, settings: PerMessageDeflateSettings): Answer {
  const mayLimitClient = offered.clientMaxWindowBits !== undefined && settings.clientMaxWindowBits !== false
  return {
    serverNoContextTakeover: settings.serverNoContextTakeover ?? offered.serverNoContextTakeover,
    clientNoContextTakeover: settings.clientNoContextTakeover ?? offered.clientNoContextTakeover,
    serverMaxWindowBits: smallest(offered.serverMaxWindowBits, settings.serverMaxWindowBits),
    clientMaxWindowBits: mayLimitClient
      ? smallest(offered.clientMaxWindowBits, settings.clientMaxWindowBits)
      : undefined,
  }
}

function request(settings: PerMessageDeflateSettings): Parameters {
  const { serverNoContextTakeover = false, clientNoContextTakeover = false, serverMaxWindowBits } = settings
  const clientMaxWindowBits = settings.clientMaxWindowBits || undefined
  return { serverNoContextTakeover, clientNoContextTakeover, serverMaxWindowBits, clientMaxWindowBits }
}

/** The parameters of a response, where the window of the client has a number (RFC 7692 §7.1.2.2). */
type Answer = Parameters & { readonly clientMaxWindowBits: number | undefined }

function isAnswer(parameters: Parameters): parameters is Answer {
  return parameters.clientMaxWindowBits !== true
}

function checkAnswer(answered: Answer, requested: Parameters, settings: PerMessageDeflateSettings): void {
  if (requested.serverNoContextTakeover && !answered.serverNoContextTakeover) {
    throw new ExtensionResponseError(
      'lacks the server_no_context_takeover that was asked for (RFC 7692 §7.1.1.1)',
    )
  }
  if (answered.clientNoContextTakeover && settings.clientNoContextTakeover === false) {
    throw new ExtensionResponseError(
      'has client_no_context_takeover, which the option clientNoContextTakeover: false rules out',
    )
  }
  if (requested.serverMaxWindowBits !== undefined) {
    checkBits('server_max_window_bits', answered.serverMaxWindowBits, requested.serverMaxWindowBits)
  }
  if (answered.clientMaxWindowBits !== undefined) {
    checkBits('client_max_window_bits', answered.clientMaxWindowBits, requested.clientMaxWindowBits)
  }
}

/** RFC 7692 §7.1.2: bits are the same as those asked for, or fewer. */
function checkBits(name: string, answered: number | undefined, requested: number | true | undefined): void {
  const most = requested === true ? LARGEST_WINDOW_BITS : requested
  if (answered === undefined || most === undefined || answered > most) {
    throw new ExtensionResponseError(`does not answer the ${name} of the offer (RFC 7692 §7.1.2)`)
  }
}

function smallest(...bits: readonly (number | boolean | undefined)[]): number | undefined {
  const numbers = bits.filter((value) => typeof value === 'number')
  return numbers.length > 0 ? Math.min(...numbers) : undefined
}

function ofServer({ serverMaxWindowBits, serverNoContextTakeover }: Parameters): Compression {
  return {
    windowBits: serverMaxWindowBits ?? LARGEST_WINDOW_BITS,
    contextTakeover: !serverNoContextTakeover,
  }
}

function ofClient({ clientMaxWindowBits, clientNoContextTakeover }: Parameters): Compression {
  return {
    windowBits: smallest(clientMaxWindowBits) ?? LARGEST_WINDOW_BITS,
    contextTakeover: !clientNoContextTakeover,
  }
}
