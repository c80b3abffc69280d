/** What a frame or a message carries, written so that a case of 16 MiB costs nothing until it is played. */
export type Payload = string | Uint8Array | Repeated

export interface Repeated {
  readonly repeat: string
  readonly bytes: number
}

/** As many characters as a prime number, so that a piece put in the wrong place shows. */
const PATTERN = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXY'

/** So many bytes of ASCII. */
export function filler(bytes: number): Repeated {
  return { repeat: PATTERN, bytes }
}

/** Bytes as they are read: spaces may stand between them. */
export function hex(digits: string): Buffer {
  return Buffer.from(digits.replaceAll(' ', ''), 'hex')
}

export function bytesOf(payload: Payload): Buffer {
  if (typeof payload === 'string') return Buffer.from(payload)
  if (payload instanceof Uint8Array)
    return Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength)
  return Buffer.alloc(payload.bytes, payload.repeat)
}
