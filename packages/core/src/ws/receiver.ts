import { Writable } from 'node:stream'
import type { Close } from '../protocol/close-payload.ts'
import { FrameParser } from '../protocol/frame-parser.ts'
import { MemoryBudget } from '../protocol/memory-budget.ts'
import { MessageAssembler, type MessageSink } from '../protocol/message-assembler.ts'
import { type BinaryType, shapeBinary } from '../websocket/binary-type.ts'
import { type AgreedExtensions, agreedCodec } from './per-message-deflate.ts'

export interface ReceiverOptions {
  /** Default false: frames are those of a server, unmasked. */
  isServer?: boolean
  binaryType?: BinaryType
  /** With a `PerMessageDeflate` that has accepted, messages may be compressed. Default: none may. */
  extensions?: AgreedExtensions
  /** The longest message, in bytes. Default 0: no limit. */
  maxPayload?: number
  /** The most frames of one message. Default 0: no limit. */
  maxFragments?: number
  /** The most chunks that one frame may come in. Default 0: no limit. */
  maxBufferedChunks?: number
  skipUTF8Validation?: boolean
}

const NONE = Number.POSITIVE_INFINITY

/**
 * Reads frames that are written to it, for programs that have a stream of their own. Emits 'message' with the data and
 * whether it is binary, 'ping', 'pong', 'conclude' with the code and reason of a Close frame, and 'error'.
 */
export class Receiver extends Writable {
  readonly #parser: FrameParser

  constructor(options: ReceiverOptions = {}) {
    super()
    const { isServer, binaryType = 'nodebuffer', extensions, maxPayload, maxFragments, ...rest } = options
    const sink: MessageSink = {
      text: (bytes, start, end) => this.emit('message', bytes.subarray(start, end), false),
      binary: (bytes, start, end) => {
        this.emit('message', shapeBinary(bytes.subarray(start, end), binaryType), true)
      },
      ping: (payload) => this.emit('ping', payload),
      pong: (payload) => this.emit('pong', payload),
      close: (close) => this.#conclude(close),
    }
    const limits = { maxPayload: maxPayload || NONE, maxFragments: maxFragments || NONE }
    const assembler = new MessageAssembler(sink, { ...rest, ...limits, budget: new MemoryBudget(NONE) })
    this.#parser = new FrameParser(isServer ? 'server' : 'client', assembler)
    const codec = agreedCodec(extensions)
    assembler.decompressWith(codec?.inflater)
    this.#parser.allowRsv1(codec !== undefined)
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    try {
      this.#parser.push(chunk)
      callback()
    } catch (error) {
      callback(error as Error)
    }
  }

  /** Nothing is read behind a Close frame (RFC 6455 §5.5.1). */
  #conclude({ code, reason }: Close): void {
    this.#parser.stop()
    this.emit('conclude', code, reason)
    this.end()
  }
}
