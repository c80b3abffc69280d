import { type Close, readClosePayload } from './close-payload.ts'
import { Opcode } from './opcode.ts'

/** Who is told of control frames (RFC 6455 §5.5), in the order of the wire. */
export interface ControlSink {
  ping(payload: Buffer): void
  pong(payload: Buffer): void
  close(close: Close): void
}

/** Hands on control frames, whole or in parts; they may come between the fragments of a message (RFC 6455 §5.4). */
export class ControlFrames {
  readonly #sink: ControlSink
  readonly #skipUTF8Validation: boolean | undefined
  #payload: Buffer | undefined
  #size = 0

  constructor(sink: ControlSink, skipUTF8Validation?: boolean) {
    this.#sink = sink
    this.#skipUTF8Validation = skipUTF8Validation
  }

  whole(opcode: number, payload: Buffer): void {
    if (opcode === Opcode.Ping) this.#sink.ping(payload)
    else if (opcode === Opcode.Pong) this.#sink.pong(payload)
    else this.#sink.close(readClosePayload(payload, this.#skipUTF8Validation))
  }

  start(length: number): void {
    this.#payload = Buffer.allocUnsafe(length)
    this.#size = 0
  }

  part(bytes: Buffer, start: number, end: number): void {
    if (this.#payload) this.#size += bytes.copy(this.#payload, this.#size, start, end)
  }

  end(opcode: number): void {
    const payload = this.#payload
    this.#payload = undefined
    if (payload) this.whole(opcode, payload)
  }
}
