import { type Deflater, deflaterFor } from './deflater.ts'
import { type Inflater, inflaterFor } from './inflater.ts'
import type { Agreement } from './negotiation.ts'
import type { PerMessageDeflateSettings } from './options.ts'

/** What compresses and decompresses the messages of a connection. */
export interface Codec {
  readonly deflater: Deflater
  readonly inflater: Inflater
}

/** What serves a connection whose ends have agreed: shared with others where no context is taken over. */
export function codecFor({ outgoing, incoming }: Agreement, settings: PerMessageDeflateSettings): Codec {
  return { deflater: deflaterFor(outgoing, settings), inflater: inflaterFor(incoming) }
}
