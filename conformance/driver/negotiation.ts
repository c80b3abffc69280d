import {
  type Agreement,
  agreementOf,
  type Compression,
  offerOf,
  type Parameters,
  responseTo,
} from '../vocabulary/compression.ts'
import type { Role } from '../vocabulary/role.ts'
import {
  agreedParameters,
  formatExtension,
  isResponseTo,
  offeredParameters,
  parseExtensions,
} from './extension-header.ts'
import { Violation } from './violation.ts'

/** What a driver that is the client asks for; null is no header. */
export function offerHeader(wanted: readonly Compression[] | undefined): string | null {
  return wanted ? wanted.map((each) => formatExtension(offerOf(each))).join(', ') : null
}

/** What a server made of an offer. Throws a Violation where it may not. */
export function agreedAsClient(
  offered: string | null,
  response: string | undefined,
  wanted: readonly Compression[] = [],
): Agreement | undefined {
  if (!response) return undefined
  const [agreed, ...others] = parseExtensions(response)
  if (!agreed || others.length > 0) throw new Violation(`agreed to other than one extension: ${response}`)
  const parameters = agreedParameters(agreed)
  const offers = parametersIn(offered ?? '')
  if (!offers.some((offer) => isResponseTo(offer, parameters))) {
    throw new Violation(`agreed to ${response} where ${offered ?? 'nothing'} was offered`)
  }
  return agreementOf(parameters, wanted[0] ?? {}, 'client')
}

/** What a driver that is the server answers, best first; nothing where the offers leave no room for any of it. */
export function agreedAsServer(
  offered: string | undefined,
  wanted: readonly Compression[],
): { response: string; agreement: Agreement } | undefined {
  const offers = parametersIn(offered ?? '')
  for (const compression of wanted) {
    for (const offer of offers) {
      const response = responseTo(offer, compression)
      if (!response) continue
      return { response: formatExtension(response), agreement: agreementOf(response, compression, 'server') }
    }
  }
  return undefined
}

/** What stands in the way of a case, if anything does. */
export function missing(
  { compression, needsTakeover = false }: { compression?: readonly Compression[]; needsTakeover?: boolean },
  agreement: Agreement | undefined,
  driver: Role,
): string | undefined {
  if (compression && !agreement) return 'permessage-deflate'
  return needsTakeover && agreement?.[driver].noContextTakeover ? 'context takeover' : undefined
}

function parametersIn(offered: string): Parameters[] {
  return parseExtensions(offered).flatMap((extension) => offeredParameters(extension) ?? [])
}
