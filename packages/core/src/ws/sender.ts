import type { Duplex } from 'node:stream'
import { maskingKeysFrom, randomMaskingKeys } from '../client/masking-keys.ts'
import { closePayload } from '../protocol/close-payload.ts'
import { FIN, RSV1 } from '../protocol/frame-header.ts'
import { encodeFrame } from '../protocol/frame-writer.ts'
import type { MessageCompressor } from '../protocol/message-compression.ts'
import { Opcode } from '../protocol/opcode.ts'
import { Fragmented } from '../websocket/fragmented.ts'
import { HeldSends } from '../websocket/held-sends.ts'
import type { SendCallback } from '../websocket/send-queue.ts'
import { checkControlSize, isBlob, type Sendable, sendableBytes } from '../websocket/sendable.ts'
import { type AgreedExtensions, agreedCodec } from './per-message-deflate.ts'

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

export interface SendMessageOptions {
  /** Default false: text. */
  binary?: boolean
  /** Whether the message ends with this fragment. Default false. */
  fin?: boolean
  mask?: boolean
  /** Whether it is compressed, where that was agreed on and it is long enough. Default false. */
  compress?: boolean
}

const nextMaskingKey = randomMaskingKeys()
const ignore = () => {}

/** Writes frames to a stream, for programs that do so themselves. What is sent after a Blob waits until that is read. */
export class Sender {
  readonly #stream: Duplex
  readonly #nextMaskingKey: () => number
  readonly #compressor: MessageCompressor | undefined
  /** A message of which fragments were sent, and not the last. */
  #fragmented: Fragmented | undefined

  /** With a `PerMessageDeflate` that has accepted among the extensions, messages can be compressed. */
  constructor(stream: Duplex, extensions?: AgreedExtensions, generateMask?: FrameOptions['generateMask']) {
    this.#stream = stream
    this.#compressor = agreedCodec(extensions)?.deflater
    this.#nextMaskingKey = maskingKeys(generateMask)
  }

  /** One frame, as buffers that are to be written one after the other. */
  static frame(
    data: Exclude<Sendable, Blob>,
    { opcode, fin, rsv1, mask, generateMask }: FrameOptions,
  ): Buffer[] {
    const first = (fin ? FIN : 0) | (rsv1 ? RSV1 : 0) | opcode
    return [encodeFrame(first, sendableBytes(data), mask ? maskingKeys(generateMask)() : undefined)]
  }

  send(data: Sendable, options: SendMessageOptions, callback?: SendCallback): void {
    this.#inTurn(data, callback, (payload) => this.#sendFragment(payload, options, callback))
  }

  ping(data: Sendable, mask?: boolean, callback?: SendCallback): void {
    this.#sendControl(Opcode.Ping, data, mask, callback)
  }

  pong(data: Sendable, mask?: boolean, callback?: SendCallback): void {
    this.#sendControl(Opcode.Pong, data, mask, callback)
  }

  /** Throws as `WebSocket.close` does. */
  close(
    code: number | undefined,
    reason: string | Uint8Array | undefined,
    mask?: boolean,
    callback?: SendCallback,
  ): void {
    this.#sendControl(Opcode.Close, closePayload(code, reason), mask, callback)
  }

  #sendControl(opcode: number, data: Sendable, mask = false, callback?: SendCallback): void {
    checkControlSize(data)
    this.#inTurn(data, callback, (payload) => this.#write(FIN | opcode, payload, mask, callback))
  }

  /** Sends at once, unless a Blob has to be read first. */
  #inTurn(data: Sendable, callback: SendCallback | undefined, send: (payload: Uint8Array) => void): void {
    const held = HeldSends.of(this)
    if (isBlob(data)) {
      const holding = held ?? HeldSends.begin(this, ignore)
      return holding.put({ blob: data, bytes: data.size, callback, send })
    }
    const payload = sendableBytes(data)
    if (!held) return send(payload)
    const kept = Buffer.from(payload)
    held.put({ bytes: kept.length, callback, send: () => send(kept) })
  }

  #sendFragment(
    payload: Uint8Array,
    { binary, fin = false, mask = false, compress }: SendMessageOptions,
    callback: SendCallback | undefined,
  ): void {
    this.#fragmented ??= new Fragmented()
    const fragmented = this.#fragmented
    const isLong = this.#compressor !== undefined && payload.length >= this.#compressor.threshold
    const opcode = binary ? Opcode.Binary : Opcode.Text
    const first = fragmented.nextOpcode(opcode | (compress && isLong ? RSV1 : 0))
    const compressor = fragmented.isCompressed ? this.#compressor : undefined
    if (fin) this.#fragmented = undefined
    this.#write((fin ? FIN : 0) | first, compressor?.deflate(payload, fin) ?? payload, mask, callback)
  }

  #write(first: number, payload: Uint8Array, mask: boolean, callback: SendCallback | undefined): void {
    this.#stream.write(encodeFrame(first, payload, mask ? this.#nextMaskingKey() : undefined), callback)
  }
}

function maskingKeys(generateMask: FrameOptions['generateMask']): () => number {
  return generateMask ? maskingKeysFrom(generateMask) : nextMaskingKey
}
