import { isUtf8 } from 'node:buffer'
import { type MessageType, Opcode } from '../vocabulary/frame.ts'
import type { WireFrame } from './frame-reader.ts'
import type { Inflater } from './inflater.ts'
import { Violation } from './violation.ts'

/** What a frame completes. */
export type Received =
  | { readonly kind: 'message'; readonly type: MessageType; readonly payload: Buffer }
  | { readonly kind: 'ping'; readonly payload: Buffer }
  | { readonly kind: 'pong'; readonly payload: Buffer }
  | { readonly kind: 'close'; readonly code: number }

interface Unfinished {
  readonly type: MessageType
  readonly isCompressed: boolean
  readonly parts: Buffer[]
}

const RSV1 = 4
const NO_CODE = 1005

/** Puts messages together, and allows their sender nothing that RFC 6455 §5.4, §5.5 and RFC 7692 §6 do not allow. */
export class MessageReader {
  readonly #inflater: Inflater | undefined
  #unfinished: Unfinished | undefined

  /** Without an inflater no frame may be compressed. */
  constructor(inflater?: Inflater) {
    this.#inflater = inflater
  }

  /** Returns nothing while a message is not whole. Throws a Violation. */
  read(frame: WireFrame): Received | undefined {
    const { opcode, payload } = frame
    this.#checkReservedBits(frame)
    if (opcode === Opcode.Ping) return { kind: 'ping', payload }
    if (opcode === Opcode.Pong) return { kind: 'pong', payload }
    if (opcode === Opcode.Close) return { kind: 'close', code: closeCodeIn(payload) }

    const message = opcode === Opcode.Continuation ? this.#unfinished : this.#begin(frame)
    if (!message) throw new Violation('sent a continuation of nothing')
    message.parts.push(payload)
    this.#unfinished = frame.fin ? undefined : message
    return frame.fin ? this.#finish(message) : undefined
  }

  #begin({ opcode, rsv }: WireFrame): Unfinished {
    if (this.#unfinished) throw new Violation('began a message inside an unfinished one')
    return { type: opcode === Opcode.Text ? 'text' : 'binary', isCompressed: rsv === RSV1, parts: [] }
  }

  #finish({ type, isCompressed, parts }: Unfinished): Received {
    const whole = parts.length === 1 ? parts[0]! : Buffer.concat(parts)
    const payload = isCompressed ? this.#inflater!.inflate(whole) : whole
    if (type === 'text' && !isUtf8(payload)) throw new Violation('sent a text that is not UTF-8')
    return { kind: 'message', type, payload }
  }

  #checkReservedBits({ rsv, opcode }: WireFrame): void {
    const mayBeCompressed = this.#inflater && (opcode === Opcode.Text || opcode === Opcode.Binary)
    if (rsv === 0 || (rsv === RSV1 && mayBeCompressed)) return
    throw new Violation(`sent reserved bits ${rsv} with opcode ${opcode}`)
  }
}

/** RFC 6455 §5.5.1, §7.4 */
function closeCodeIn(payload: Buffer): number {
  if (payload.length === 0) return NO_CODE
  if (payload.length === 1) throw new Violation('sent a Close frame with half a code')
  const code = payload.readUInt16BE(0)
  if (!mayBeSent(code)) throw new Violation(`sent the close code ${code}`)
  if (!isUtf8(payload.subarray(2))) throw new Violation('sent a close reason that is not UTF-8')
  return code
}

/** 1012 to 1014 were registered after the RFC. */
function mayBeSent(code: number): boolean {
  if (code >= 3000) return code <= 4999
  return code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code)
}
