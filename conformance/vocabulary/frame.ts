import { bytesOf, type Payload } from './payload.ts'

export type MessageType = 'text' | 'binary'

/** RFC 6455 §11.8 */
export const Opcode = {
  Continuation: 0x0,
  Text: 0x1,
  Binary: 0x2,
  Close: 0x8,
  Ping: 0x9,
  Pong: 0xa,
} as const

export interface FrameOptions {
  /** Default true. */
  readonly fin?: boolean
  /** The three RSV bits as one number: RSV1 is 4, RSV2 is 2, RSV3 is 1. Default 0. */
  readonly rsv?: number
  /** Default: as the role of the sender demands (RFC 6455 §5.1). */
  readonly masked?: boolean
  /** The masking key, in hex. Default: one for all frames, so that the wire bytes are the same in every run. */
  readonly maskingKey?: string
  /** The length to announce, where it is not the payload's. */
  readonly length?: bigint
  /** The bytes the length takes, where they are not the fewest that hold it; 0 is the 7-bit form. */
  readonly lengthBytes?: 0 | 2 | 8
  /** Send only these of its bytes, counted as `subarray` counts them. */
  readonly part?: readonly [from: number, to?: number]
}

/** One frame, valid or not (RFC 6455 §5.2). What it leaves out is as a careful sender would have it. */
export interface Frame extends FrameOptions {
  readonly opcode: number
  readonly payload: Payload
}

/** A frame of any opcode. */
export function frame(opcode: number, payload: Payload = '', options: FrameOptions = {}): Frame {
  return { ...options, opcode, payload }
}

/** The first or only frame of a message. */
export function data(type: MessageType, payload: Payload, options?: FrameOptions): Frame {
  return frame(type === 'text' ? Opcode.Text : Opcode.Binary, payload, options)
}

export function text(payload: Payload, options?: FrameOptions): Frame {
  return data('text', payload, options)
}

export function binary(payload: Payload, options?: FrameOptions): Frame {
  return data('binary', payload, options)
}

export function continuation(payload: Payload, options?: FrameOptions): Frame {
  return frame(Opcode.Continuation, payload, options)
}

export function ping(payload?: Payload, options?: FrameOptions): Frame {
  return frame(Opcode.Ping, payload, options)
}

export function pong(payload?: Payload, options?: FrameOptions): Frame {
  return frame(Opcode.Pong, payload, options)
}

/** A Close frame; without a code its payload is empty. */
export function close(code?: number, reason: Payload = '', options?: FrameOptions): Frame {
  const payload = code === undefined ? [] : [Buffer.of(code >> 8, code & 0xff), bytesOf(reason)]
  return frame(Opcode.Close, Buffer.concat(payload), options)
}

/** A message in fragments: a part each. `options` are those of its first frame. */
export function fragments(type: MessageType, parts: readonly Payload[], options?: FrameOptions): Frame[] {
  return parts.map((part, index) => {
    const fin = index === parts.length - 1
    return index === 0 ? data(type, part, { ...options, fin }) : continuation(part, { fin })
  })
}

/** A message in fragments of one octet. */
export function octets(type: MessageType, payload: Payload): Frame[] {
  return fragments(
    type,
    [...bytesOf(payload)].map((octet) => Buffer.of(octet)),
  )
}
