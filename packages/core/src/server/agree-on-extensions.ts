import { type ExtensionOffer, formatExtensions } from '../handshake/extension-offer.ts'
import { codecFor } from '../permessage-deflate/codec.ts'
import { acceptOffer } from '../permessage-deflate/negotiation.ts'
import { contextsLast } from '../permessage-deflate/open-context.ts'
import type { PerMessageDeflateSettings } from '../permessage-deflate/options.ts'
import type { MessageMode } from '../websocket/message-mode.ts'
import type { Opening } from '../websocket/opening.ts'

/** The extensions of one connection. */
export interface Extensions {
  /** For the 101; `undefined` where none is in use. */
  readonly extensions?: string
  readonly compression?: Opening['compression']
}

/**
 * Accepts what a client offers and the route has turned on (RFC 6455 §9.1); offers of anything else are declined. Messages
 * that are read while they arrive are not compressed where they cannot be inflated so.
 */
export function agreeOnExtensions(
  offers: readonly ExtensionOffer[],
  settings: PerMessageDeflateSettings | undefined,
  messages?: MessageMode,
): Extensions {
  if (messages === 'streamed' && !contextsLast()) return {}
  const agreement = settings && acceptOffer(offers, settings)
  if (!agreement) return {}
  return {
    extensions: formatExtensions([agreement.response]),
    compression: codecFor(agreement, settings),
  }
}
