import { isUtf8 } from 'node:buffer'
import { ControlFrames, type ControlSink } from './control-frames.ts'
import { FIN, OPCODE, RSV1 } from './frame-header.ts'
import type { FrameSink } from './frame-parser.ts'
import { ASCII_LIMIT } from './mask.ts'
import type { MemoryBudget } from './memory-budget.ts'
import type { MessageDecompressor } from './message-compression.ts'
import { CONTROL_BIT, Opcode } from './opcode.ts'
import { protocolError } from './protocol-error.ts'
import { COMPLETE, checkUtf8, REJECTED, type Utf8State } from './utf8.ts'

/** What an assembler calls, in the order of the wire. */
export interface MessageSink extends ControlSink {
  /** A text in `bytes[start, end)`, valid UTF-8. `seen` below 0x80 says that it is ASCII. */
  text(bytes: Buffer, start: number, end: number, seen: number): void
  binary(bytes: Buffer, start: number, end: number): void
}

export interface MessageLimits {
  /** The longest message, in bytes. */
  readonly maxPayload: number
  /** The most frames an unfinished message may take, control frames between its fragments included. */
  readonly maxFragments: number
  /** In how many parts the payload of one frame may come; 0 or nothing is no limit. */
  readonly maxBufferedChunks?: number
  /** Takes text and close reasons as they are. */
  readonly skipUTF8Validation?: boolean
  /** Bytes that unfinished messages may hold, shared with other connections. */
  readonly budget: MemoryBudget
}

/** What an unfinished message gets at first, where its frames do not announce less. */
const FIRST_BUFFER_BYTES = 1024
/** What a frame's announced length alone can make us allocate: the rest waits for bytes that arrive. */
const MAX_TRUSTED_BYTES = 64 * 1024
const NOTHING = Buffer.alloc(0)

/**
 * Puts fragments together (RFC 6455 §5.4) and checks text as it arrives (§8.1). A message that came in one piece is
 * passed on where it lies. An unfinished one grows in one buffer, at most twice the bytes that arrived plus 64 KiB,
 * however small its fragments are.
 */
export class MessageAssembler implements FrameSink {
  readonly #sink: MessageSink
  readonly #limits: MessageLimits
  readonly #control: ControlFrames
  #decompressor: MessageDecompressor | undefined

  /** The unfinished message: its opcode with RSV1, 0 for none, and what of it has arrived. */
  #opcode = 0
  #buffer = NOTHING
  #size = 0
  #frames = 0
  /** The bytes it can come to have: announced by its last frame, before that limited by `maxPayload`. */
  #mostBytes = 0
  #utf8: Utf8State = COMPLETE
  #seen = 0

  /** The frame whose payload comes in parts. */
  #first = 0
  #parts = 0

  constructor(sink: MessageSink, limits: MessageLimits) {
    this.#sink = sink
    this.#limits = limits
    this.#control = new ControlFrames(sink, limits.skipUTF8Validation)
  }

  /** What inflates messages with RSV1 set; without it there must be none. */
  decompressWith(decompressor: MessageDecompressor | undefined): void {
    this.#decompressor = decompressor
  }

  /** Gives up the unfinished message, and what it took of the shared budget. */
  release(): void {
    this.#limits.budget.giveBack(this.#buffer.length)
    this.#buffer = NOTHING
    this.#size = 0
    this.#frames = 0
    this.#seen = 0
    this.#opcode = 0
    this.#utf8 = COMPLETE
  }

  frame(first: number, bytes: Buffer, start: number, end: number, seen: number): void {
    const opcode = first & OPCODE
    if (opcode & CONTROL_BIT) {
      if (this.#opcode !== 0) this.#countFrame()
      this.#control.whole(opcode, bytes.subarray(start, end))
    } else if (opcode !== Opcode.Continuation && first & FIN) {
      if (end - start > this.#limits.maxPayload) throw protocolError('WS_ERR_UNSUPPORTED_MESSAGE_LENGTH')
      if (first & RSV1) return this.#deliverInflated(opcode, bytes.subarray(start, end))
      if (opcode === Opcode.Binary) return this.#sink.binary(bytes, start, end)
      if (seen >= ASCII_LIMIT) this.#checkWhole(bytes.subarray(start, end))
      this.#sink.text(bytes, start, end, seen)
    } else {
      this.frameStart(first, end - start)
      this.#append(bytes, start, end, seen)
      this.frameEnd()
    }
  }

  frameStart(first: number, length: number): void {
    this.#first = first
    this.#parts = 0
    const opcode = first & OPCODE
    if (this.#opcode !== 0) this.#countFrame()
    if (opcode & CONTROL_BIT) return this.#control.start(length)
    const { maxPayload } = this.#limits
    const total = this.#size + length
    if (total > maxPayload) throw protocolError('WS_ERR_UNSUPPORTED_MESSAGE_LENGTH')
    if (opcode !== Opcode.Continuation) this.#opcode = first & (OPCODE | RSV1)
    this.#mostBytes = first & FIN ? total : maxPayload
    this.#reserve(Math.min(total, this.#size + MAX_TRUSTED_BYTES))
  }

  framePart(bytes: Buffer, start: number, end: number, seen: number): void {
    if (this.#first & CONTROL_BIT) return this.#control.part(bytes, start, end)
    this.#countPart()
    this.#append(bytes, start, end, seen)
  }

  frameEnd(): void {
    const opcode = this.#first & OPCODE
    if (opcode & CONTROL_BIT) return this.#control.end(opcode)
    if (this.#first & FIN) this.#deliverMessage()
  }

  #append(bytes: Buffer, start: number, end: number, seen: number): void {
    const size = this.#size + end - start
    if (this.#opcode === Opcode.Text) this.#checkText(bytes, start, end, seen)
    this.#reserve(size)
    bytes.copy(this.#buffer, this.#size, start, end)
    this.#size = size
  }

  #checkText(bytes: Buffer, start: number, end: number, seen: number): void {
    this.#seen |= seen
    if (seen < ASCII_LIMIT && this.#utf8 === COMPLETE) return
    if (this.#limits.skipUTF8Validation) return
    this.#utf8 = checkUtf8(this.#utf8, bytes, start, end)
    if (this.#utf8 === REJECTED) throw protocolError('WS_ERR_INVALID_UTF8')
  }

  #checkWhole(text: Buffer): void {
    if (!this.#limits.skipUTF8Validation && !isUtf8(text)) throw protocolError('WS_ERR_INVALID_UTF8')
  }

  /** Makes room for `bytes` in all, and for as much again as has arrived, so that growing takes linear time. */
  #reserve(bytes: number): void {
    const current = this.#buffer.length
    if (bytes <= current) return
    const roomy = Math.max(bytes, this.#size * 2, FIRST_BUFFER_BYTES)
    const capacity = Math.min(roomy, this.#mostBytes)
    if (!this.#limits.budget.take(capacity - current)) throw protocolError('UPWIRE_UNFINISHED_MESSAGES_FULL')
    const grown = Buffer.allocUnsafeSlow(capacity)
    this.#buffer.copy(grown, 0, 0, this.#size)
    this.#buffer = grown
  }

  #deliverMessage(): void {
    if (this.#utf8 !== COMPLETE) throw protocolError('WS_ERR_INVALID_UTF8')
    const [opcode, buffer, size, seen] = [this.#opcode, this.#buffer, this.#size, this.#seen]
    this.release()
    if (opcode & RSV1) this.#deliverInflated(opcode & OPCODE, buffer.subarray(0, size))
    else if (opcode === Opcode.Text) this.#sink.text(buffer, 0, size, seen)
    else this.#sink.binary(buffer, 0, size)
  }

  /** Inflated at its end and not as it arrives: a peer could pin a thousand times what it sent. */
  #deliverInflated(opcode: number, payload: Buffer): void {
    const inflated = this.#decompressor?.inflate(payload, this.#limits.maxPayload) ?? NOTHING
    if (opcode === Opcode.Binary) return this.#sink.binary(inflated, 0, inflated.length)
    this.#checkWhole(inflated)
    this.#sink.text(inflated, 0, inflated.length, ASCII_LIMIT)
  }

  #countFrame(): void {
    this.#frames++
    if (this.#frames < this.#limits.maxFragments) return
    throw protocolError('WS_ERR_TOO_MANY_BUFFERED_PARTS', 'message fragments')
  }

  #countPart(): void {
    this.#parts++
    const { maxBufferedChunks } = this.#limits
    if (!maxBufferedChunks || this.#parts <= maxBufferedChunks) return
    throw protocolError('WS_ERR_TOO_MANY_BUFFERED_PARTS', 'buffered chunks')
  }
}
