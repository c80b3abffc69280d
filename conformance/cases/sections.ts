import type { Section } from '../vocabulary/case.ts'
import { framing } from './01-framing.ts'
import { pings } from './02-pings.ts'
import { reservedBits } from './03-reserved-bits.ts'
import { opcodes } from './04-opcodes.ts'
import { fragmentation } from './05-fragmentation.ts'
import { utf8 } from './06-utf8.ts'
import { closing } from './07-closing.ts'
import { limits } from './09-limits.ts'
import { autoFragmentation } from './10-auto-fragmentation.ts'
import { compression } from './12-compression.ts'
import { compressionParameters } from './13-compression-parameters.ts'
import { frameHeaders } from './20-frame-headers.ts'
import { openingHandshake } from './21-opening-handshake.ts'
import { windows } from './22-windows.ts'
import { compressedMessages } from './23-compressed-messages.ts'
import { extensionNegotiation } from './24-extension-negotiation.ts'

/** Up to 13 they are numbered as in the Autobahn test suite, so that results can be compared; from 20 on they are ours. */
export const sections: readonly Section[] = [
  framing,
  pings,
  reservedBits,
  opcodes,
  fragmentation,
  utf8,
  closing,
  limits,
  autoFragmentation,
  compression,
  compressionParameters,
  frameHeaders,
  openingHandshake,
  windows,
  compressedMessages,
  extensionNegotiation,
]
