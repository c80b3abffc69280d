import { ControlFrames, type ControlSink } from './control-frames.ts'
import { FIN, OPCODE, RSV1 } from './frame-header.ts'
import type { FrameSink } from './frame-parser.ts'
import type { MessageLimits } from './message-assembler.ts'
import { CONTROL_BIT, Opcode } from './opcode.ts'
import { protocolError } from './protocol-error.ts'

/** What a relay calls, in the order of the wire. */
export interface PartSink extends ControlSink {
  /** A message begins. `isCompressed` says that its parts are to be inflated (RFC 7692 §6). */
  messageStart(isBinary: boolean, isCompressed: boolean): void
  /** Its next bytes, in `chunk`, at least one. */
  messagePart(part: Buffer): void
  messageEnd(): void
}

/** Passes messages on as they arrive and keeps nothing of them: what an assembler does for those who want them whole. */
export class MessageRelay implements FrameSink {
  readonly #sink: PartSink
  readonly #limits: Omit<MessageLimits, 'budget'>
  readonly #control: ControlFrames
  /** Of the unfinished message. */
  #size = 0
  #emptyFrames = 0
  /** The frame whose payload comes in parts. */
  #first = 0

  constructor(sink: PartSink, limits: Omit<MessageLimits, 'budget'>) {
    this.#sink = sink
    this.#limits = limits
    this.#control = new ControlFrames(sink, limits.skipUTF8Validation)
  }

  frame(first: number, bytes: Buffer, start: number, end: number): void {
    if (first & CONTROL_BIT) return this.#control.whole(first & OPCODE, bytes.subarray(start, end))
    this.frameStart(first, end - start)
    if (end > start) this.framePart(bytes, start, end)
    this.frameEnd()
  }

  frameStart(first: number, length: number): void {
    this.#first = first
    const opcode = first & OPCODE
    if (opcode & CONTROL_BIT) return this.#control.start(length)
    if (opcode !== Opcode.Continuation) this.#size = this.#emptyFrames = 0
    this.#size += length
    if (this.#size > this.#limits.maxPayload) throw protocolError('WS_ERR_UNSUPPORTED_MESSAGE_LENGTH')
    if (length === 0) this.#countEmpty()
    if (opcode !== Opcode.Continuation) {
      this.#sink.messageStart(opcode === Opcode.Binary, (first & RSV1) !== 0)
    }
  }

  framePart(bytes: Buffer, start: number, end: number): void {
    if (this.#first & CONTROL_BIT) this.#control.part(bytes, start, end)
    else this.#sink.messagePart(bytes.subarray(start, end))
  }

  frameEnd(): void {
    if (this.#first & CONTROL_BIT) this.#control.end(this.#first & OPCODE)
    else if (this.#first & FIN) this.#sink.messageEnd()
  }

  /** Frames with a payload are bounded by `maxPayload`, and none is held. */
  #countEmpty(): void {
    this.#emptyFrames++
    if (this.#emptyFrames > this.#limits.maxFragments) throw protocolError('WS_ERR_TOO_MANY_BUFFERED_PARTS')
  }
}
