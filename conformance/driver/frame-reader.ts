import { Opcode } from '../vocabulary/frame.ts'
import type { Role } from '../vocabulary/role.ts'
import { applyMask } from './encode-frame.ts'
import { Violation } from './violation.ts'

export interface WireFrame {
  readonly fin: boolean
  readonly rsv: number
  readonly opcode: number
  /** Unmasked. */
  readonly payload: Buffer
}

interface Header extends Omit<WireFrame, 'payload'> {
  readonly length: number
  readonly key: Buffer
}

const OPCODES: readonly number[] = Object.values(Opcode)
const LONGEST_CONTROL_PAYLOAD = 125
/** No case makes an endpoint send more in one frame. */
const LONGEST_PAYLOAD = 64 * 1024 * 1024

/** Takes a stream of bytes apart into frames, and allows its sender nothing that RFC 6455 §5 does not allow. */
export class FrameReader {
  readonly #sender: Role
  #headerBytes: Buffer = Buffer.alloc(0)
  #header: Header | undefined
  #payload: Buffer = Buffer.alloc(0)
  #received = 0
  #lastKey: Buffer | undefined

  constructor(sender: Role) {
    this.#sender = sender
  }

  /** Throws a Violation. */
  push(chunk: Buffer, take: (frame: WireFrame) => void): void {
    let rest = chunk
    do {
      rest = this.#header ? this.#readPayload(rest, this.#header) : this.#readHeader(rest)
      if (this.#header && this.#received === this.#payload.length) take(this.#finish(this.#header))
    } while (rest.length > 0)
  }

  #readHeader(chunk: Buffer): Buffer {
    const bytes = this.#headerBytes.length > 0 ? Buffer.concat([this.#headerBytes, chunk]) : chunk
    const size = headerSize(bytes)
    if (size === undefined || bytes.length < size) {
      this.#headerBytes = bytes
      return Buffer.alloc(0)
    }
    this.#headerBytes = Buffer.alloc(0)
    this.#header = this.#check(bytes.subarray(0, size))
    this.#payload = Buffer.allocUnsafe(this.#header.length)
    this.#received = 0
    return bytes.subarray(size)
  }

  #readPayload(chunk: Buffer, { length }: Header): Buffer {
    const taken = chunk.copy(this.#payload, this.#received, 0, length - this.#received)
    this.#received += taken
    return chunk.subarray(taken)
  }

  #finish({ fin, rsv, opcode, key }: Header): WireFrame {
    this.#header = undefined
    if (key.length > 0) applyMask(this.#payload, key)
    return { fin, rsv, opcode, payload: this.#payload }
  }

  #check(bytes: Buffer): Header {
    const [first, second] = [bytes[0]!, bytes[1]!]
    const [fin, opcode] = [first >= 0x80, first & 0x0f]
    const key = Buffer.from(bytes.subarray(bytes.length - (second >= 0x80 ? 4 : 0)))
    const length = readLength(bytes)
    if (!OPCODES.includes(opcode)) throw new Violation(`sent the reserved opcode ${opcode}`)
    if (opcode >= Opcode.Close && (!fin || length > LONGEST_CONTROL_PAYLOAD)) {
      throw new Violation('sent a control frame that is fragmented or longer than 125 bytes')
    }
    this.#checkKey(key)
    return { fin, rsv: (first >> 4) & 0b111, opcode, length, key }
  }

  #checkKey(key: Buffer): void {
    if (this.#sender === 'server' && key.length > 0) throw new Violation('sent a masked frame as a server')
    if (this.#sender === 'server') return
    if (key.length === 0) throw new Violation('sent an unmasked frame as a client')
    if (this.#lastKey?.equals(key)) throw new Violation('masked two frames in a row with the same key')
    this.#lastKey = key
  }
}

function headerSize(bytes: Buffer): number | undefined {
  if (bytes.length < 2) return undefined
  const [length, mask] = [bytes[1]! & 0x7f, bytes[1]! >= 0x80 ? 4 : 0]
  if (length < 126) return 2 + mask
  return (length === 126 ? 4 : 10) + mask
}

function readLength(bytes: Buffer): number {
  const short = bytes[1]! & 0x7f
  if (short < 126) return short
  const length = short === 126 ? BigInt(bytes.readUInt16BE(2)) : bytes.readBigUInt64BE(2)
  if (length < (short === 126 ? 126n : 0x10000n))
    throw new Violation('sent a length in more bytes than it needs')
  if (length > LONGEST_PAYLOAD) throw new Violation(`announced a frame of ${length} bytes`)
  return Number(length)
}
