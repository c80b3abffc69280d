import { type ExtensionOffer, formatExtensions } from '../handshake/extension-offer.ts'
import { codecFor } from '../permessage-deflate/codec.ts'
import { acceptOffer } from '../permessage-deflate/negotiation.ts'
import type { PerMessageDeflateSettings } from '../permessage-deflate/options.ts'
import type { Opening } from '../websocket/opening.ts'

/** The extensions of one connection. */
export interface Extensions {
  /** For the 101; `undefined` where none is in use. */
  readonly extensions?: string
  readonly compression?: Opening['compression']
}

/** Accepts what a client offers and the route has turned on (RFC 6455 §9.1); offers of anything else are declined. */
export function agreeOnExtensions(
  offers: readonly ExtensionOffer[],
  settings: PerMessageDeflateSettings | undefined,
): Extensions {
  const agreement = settings && acceptOffer(offers, settings)
  if (!agreement) return {}
  return {
    extensions: formatExtensions([agreement.response]),
    compression: codecFor(agreement, settings),
  }
}
