import { constants, deflateRawSync } from 'node:zlib'
import type { Direction } from '../vocabulary/compression.ts'

const TAIL_BYTES = 4
/** Given 8, Node's zlib takes 9: harmless, since zlib looks no further back than 262 bytes less than its window. */
const FEWEST_WINDOW_BITS = 9

/** Compresses messages (RFC 7692 §7.2.1). A window that is kept is given to zlib as a dictionary. */
export class Deflater {
  readonly #windowBits: number
  readonly #keepsWindow: boolean
  #window: Buffer = Buffer.alloc(0)

  constructor({ windowBits, noContextTakeover }: Required<Direction>) {
    this.#windowBits = Math.max(FEWEST_WINDOW_BITS, windowBits)
    this.#keepsWindow = !noContextTakeover
  }

  deflate(message: Buffer): Buffer {
    const compressed = deflateRawSync(message, {
      windowBits: this.#windowBits,
      finishFlush: constants.Z_SYNC_FLUSH,
      ...(this.#window.length > 0 && { dictionary: this.#window }),
    })
    if (this.#keepsWindow) {
      this.#window = Buffer.concat([this.#window, message]).subarray(-(1 << this.#windowBits))
    }
    return compressed.subarray(0, -TAIL_BYTES)
  }
}
