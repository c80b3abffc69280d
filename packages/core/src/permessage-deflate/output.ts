import { protocolError } from '../protocol/protocol-error.ts'

/** No sender needs one that often, and each costs the receiver much for two bytes. */
const MAX_FINAL_BLOCKS = 1024

/** Where a message goes as zlib gives it, part by part, and what it may come to. Throws a ProtocolError beyond that. */
export class Output {
  #room: number
  #finalBlocks = 0
  readonly #emit: (part: Buffer) => void

  constructor(maxBytes: number, emit: (part: Buffer) => void) {
    this.#room = maxBytes
    this.#emit = emit
  }

  /** How many more bytes may come. */
  get room(): number {
    return this.#room
  }

  /** Passes on a part, which belongs to the receiver from then on. */
  add(part: Buffer): void {
    this.#room -= part.length
    if (this.#room < 0) throw protocolError('WS_ERR_UNSUPPORTED_MESSAGE_LENGTH')
    this.#emit(part)
  }

  countFinalBlock(): void {
    this.#finalBlocks++
    if (this.#finalBlocks > MAX_FINAL_BLOCKS) throw protocolError('UPWIRE_TOO_MANY_FINAL_BLOCKS')
  }
}

/** All that `write` puts into an output, as one. */
export function collect(maxBytes: number, write: (output: Output) => void): Buffer {
  const parts: Buffer[] = []
  write(new Output(maxBytes, (part) => parts.push(part)))
  return parts.length === 1 ? parts[0] : Buffer.concat(parts)
}
