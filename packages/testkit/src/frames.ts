/** Frames as bytes, built and read without the engine under test (RFC 6455 §5.2). */

const OPCODES = { continuation: 0x0, text: 0x1, binary: 0x2, close: 0x8, ping: 0x9, pong: 0xa } as const

/** The key of every masked frame that names no other, so that wire bytes are the same in every run. */
export const MASKING_KEY = Buffer.from('37fa213d', 'hex')

export interface FrameOptions {
  /** Default true. */
  fin?: boolean
  /** The three RSV bits as one number: RSV1 is 4, RSV2 is 2, RSV3 is 1. Default 0. */
  rsv?: number
  /** The masking key, or false for an unmasked frame. Default `MASKING_KEY`. */
  mask?: Uint8Array | false
  /** The length to announce, where it is not the payload's. */
  length?: number | bigint
  /** The bytes the length takes, where they are not the fewest that hold it; 0 is the 7-bit form. */
  lengthBytes?: 0 | 2 | 8
}

export interface WireFrame {
  readonly fin: boolean
  readonly rsv: number
  readonly opcode: number
  readonly masked: boolean
  /** Unmasked. */
  readonly payload: Buffer
}

/** The bytes of one frame, valid or not. */
export function frame(opcode: number, payload: string | Uint8Array = '', options: FrameOptions = {}): Buffer {
  const bytes = Buffer.from(payload)
  const { fin = true, rsv = 0, mask = MASKING_KEY, length = bytes.length } = options
  const first = Buffer.of((fin ? 0x80 : 0) | (rsv << 4) | opcode)
  const announced = lengthField(BigInt(length), options.lengthBytes)
  if (mask === false) return Buffer.concat([first, announced, bytes])
  announced[0] |= 0x80
  return Buffer.concat([first, announced, mask, masked(bytes, mask)])
}

export function text(payload: string | Uint8Array, options?: FrameOptions): Buffer {
  return frame(OPCODES.text, payload, options)
}

export function binary(payload: Uint8Array, options?: FrameOptions): Buffer {
  return frame(OPCODES.binary, payload, options)
}

export function continuation(payload: string | Uint8Array, options?: FrameOptions): Buffer {
  return frame(OPCODES.continuation, payload, options)
}

export function ping(payload?: string | Uint8Array, options?: FrameOptions): Buffer {
  return frame(OPCODES.ping, payload, options)
}

export function pong(payload?: string | Uint8Array, options?: FrameOptions): Buffer {
  return frame(OPCODES.pong, payload, options)
}

/** A Close frame; without a code its payload is empty. */
export function close(code?: number, reason: string | Uint8Array = '', options?: FrameOptions): Buffer {
  const payload = code === undefined ? [] : [Buffer.of(code >> 8, code & 0xff), Buffer.from(reason)]
  return frame(OPCODES.close, Buffer.concat(payload), options)
}

/** The code and reason in a Close frame's payload; 1005 where it is empty (RFC 6455 §7.1.5). */
export function readClose({ payload }: WireFrame): { code: number; reason: string } {
  if (payload.length < 2) return { code: 1005, reason: '' }
  return { code: payload.readUInt16BE(0), reason: payload.toString('utf8', 2) }
}

/** The whole frames at the start of `bytes`, and what follows them. It judges nothing: any header is read. */
export function readFrames(bytes: Buffer): { frames: WireFrame[]; rest: Buffer } {
  const frames: WireFrame[] = []
  let at = 0
  for (let next = readFrame(bytes, at); next; next = readFrame(bytes, at)) {
    frames.push(next.frame)
    at = next.end
  }
  return { frames, rest: bytes.subarray(at) }
}

function readFrame(bytes: Buffer, start: number): { frame: WireFrame; end: number } | undefined {
  if (bytes.length < start + 2) return undefined
  const [first, second] = [bytes[start], bytes[start + 1]]
  const isMasked = second >= 0x80
  const lengthEnd = start + 2 + extraLengthBytes(second & 0x7f)
  const payloadStart = lengthEnd + (isMasked ? 4 : 0)
  if (bytes.length < payloadStart) return undefined

  const end = payloadStart + readLength(bytes.subarray(start + 1, lengthEnd))
  if (bytes.length < end) return undefined
  const payload = Buffer.from(bytes.subarray(payloadStart, end))
  const frame = {
    fin: first >= 0x80,
    rsv: (first >> 4) & 0b111,
    opcode: first & 0x0f,
    masked: isMasked,
    payload: isMasked ? masked(payload, bytes.subarray(lengthEnd, payloadStart)) : payload,
  }
  return { frame, end }
}

function extraLengthBytes(length7: number): 0 | 2 | 8 {
  if (length7 < 126) return 0
  return length7 === 126 ? 2 : 8
}

function readLength(field: Buffer): number {
  if (field.length === 1) return field[0] & 0x7f
  return field.length === 3 ? field.readUInt16BE(1) : Number(field.readBigUInt64BE(1))
}

function lengthField(length: bigint, bytes: 0 | 2 | 8 = fewestBytes(length)): Buffer {
  if (bytes === 0) return Buffer.of(Number(length))
  const field = Buffer.alloc(1 + bytes)
  field[0] = bytes === 2 ? 126 : 127
  if (bytes === 2) field.writeUInt16BE(Number(length), 1)
  else field.writeBigUInt64BE(length, 1)
  return field
}

function fewestBytes(length: bigint): 0 | 2 | 8 {
  if (length < 126n) return 0
  return length < 0x10000n ? 2 : 8
}

function masked(bytes: Uint8Array, key: Uint8Array): Buffer {
  return Buffer.from(bytes.map((byte, index) => byte ^ key[index % 4]))
}
