import type { Duplex } from 'node:stream'
import { maskingKeysFrom, randomMaskingKeys } from '../client/masking-keys.ts'
import { closePayload } from '../protocol/close-payload.ts'
import { FIN, RSV1 } from '../protocol/frame-header.ts'
import { encodeFrame } from '../protocol/frame-writer.ts'
import { Opcode } from '../protocol/opcode.ts'
import type { SendCallback } from '../websocket/send-queue.ts'
import { type Sendable, sendableBytes } from '../websocket/sendable.ts'

type Bytes = Exclude<Sendable, Blob>

export interface FrameOptions {
  /** The opcode of RFC 6455 §5.2. */
  opcode: number
  fin?: boolean
  /** Says that the payload is compressed, which it then has to be. */
  rsv1?: boolean
  mask?: boolean
  generateMask?: (key: Buffer) => void
  /** Without effect: a payload that is masked is copied. */
  readOnly?: boolean
}

const nextMaskingKey = randomMaskingKeys()

/** Writes frames to a stream, for programs that do so themselves. It compresses nothing and reads no Blobs. */
export class Sender {
  readonly #stream: Duplex
  readonly #generateMask: FrameOptions['generateMask']
  /** A message of which fragments were sent, and not the last. */
  #isUnfinished = false

  constructor(stream: Duplex, _extensions?: object, generateMask?: FrameOptions['generateMask']) {
    this.#stream = stream
    this.#generateMask = generateMask
  }

  /** One frame, as buffers that are to be written one after the other. */
  static frame(data: Bytes, { opcode, fin, rsv1, mask, generateMask }: FrameOptions): Buffer[] {
    const nextKey = generateMask ? maskingKeysFrom(generateMask) : nextMaskingKey
    const first = (fin ? FIN : 0) | (rsv1 ? RSV1 : 0) | opcode
    return [encodeFrame(first, sendableBytes(data), mask ? nextKey() : undefined)]
  }

  send(
    data: Bytes,
    options: { binary?: boolean; fin?: boolean; mask?: boolean },
    callback?: SendCallback,
  ): void {
    const { binary, fin, mask } = options
    const begins = binary ? Opcode.Binary : Opcode.Text
    this.#write(data, { fin, mask, opcode: this.#isUnfinished ? Opcode.Continuation : begins }, callback)
    this.#isUnfinished = !fin
  }

  ping(data: Bytes, mask?: boolean, callback?: SendCallback): void {
    this.#write(data, { fin: true, mask, opcode: Opcode.Ping }, callback)
  }

  pong(data: Bytes, mask?: boolean, callback?: SendCallback): void {
    this.#write(data, { fin: true, mask, opcode: Opcode.Pong }, callback)
  }

  /** Throws as `WebSocket.close` does. */
  close(
    code: number | undefined,
    reason: string | Uint8Array | undefined,
    mask?: boolean,
    callback?: SendCallback,
  ): void {
    this.#write(closePayload(code, reason), { fin: true, mask, opcode: Opcode.Close }, callback)
  }

  #write(data: Bytes, options: FrameOptions, callback: SendCallback | undefined): void {
    const [frame] = Sender.frame(data, { ...options, generateMask: this.#generateMask })
    this.#stream.write(frame, callback)
  }
}
