import { FIN, RSV1 } from '../protocol/frame-header.ts'
import { encodeFrame } from '../protocol/frame-writer.ts'
import type { MessageCompressor } from '../protocol/message-compression.ts'
import { Opcode } from '../protocol/opcode.ts'
import { bytesOf, type Payload } from '../protocol/payload.ts'

/** One message for many: framed once, and compressed once for each compressor, whatever the number of receivers. */
export class Publication {
  readonly #payload: Buffer
  readonly #opcode: number
  readonly #frames = new Map<MessageCompressor | undefined, Buffer>()

  /** A string is published as text, bytes as binary. */
  constructor(data: Payload) {
    this.#payload = bytesOf(data)
    this.#opcode = typeof data === 'string' ? Opcode.Text : Opcode.Binary
  }

  /** The bytes of the message. */
  get bytes(): number {
    return this.#payload.length
  }

  /** The frame for a connection that has agreed on `compressor`, if any. */
  frameFor(compressor: MessageCompressor | undefined): Buffer {
    const fitting = compressor && this.bytes >= compressor.threshold ? compressor : undefined
    let frame = this.#frames.get(fitting)
    if (!frame) {
      frame = fitting
        ? encodeFrame(FIN | RSV1 | this.#opcode, fitting.deflate(this.#payload))
        : encodeFrame(FIN | this.#opcode, this.#payload)
      this.#frames.set(fitting, frame)
    }
    return frame
  }
}
