import { MAX_CONTROL_PAYLOAD_BYTES } from '../protocol/frame-header.ts'
import { bytesOf, type Payload } from '../protocol/payload.ts'

export interface SendOptions {
  /** Send as a binary message, or as text. Default: text for a string or a number, binary for the rest. */
  binary?: boolean
  /** Whether this is the last fragment of its message (RFC 6455 §5.4). Default true. */
  fin?: boolean
  /** Whether it may be compressed, where permessage-deflate was negotiated and it is long enough. Default true. */
  compress?: boolean
  /** `false` has a client send its frame unmasked, which every server refuses (RFC 6455 §5.1). Default true. */
  mask?: boolean
}

/**
 * What `send` takes: a string or a number as text, bytes or a Blob as binary. Nothing at all, or `false`, is an empty
 * message.
 */
export type Sendable = Payload | Blob | number | false | null | undefined

/** Looks for views first: most of what is sent is one, and to find that it descends from no Blob takes longer. */
export function isBlob(data: unknown): data is Blob {
  return typeof data === 'object' && !ArrayBuffer.isView(data) && data instanceof Blob
}

/** Throws a TypeError for what is neither text nor bytes. */
export function sendableBytes(data: Exclude<Sendable, Blob>): Buffer {
  return bytesOf(typeof data === 'number' ? String(data) : data || '')
}

export function sendableSize(data: Sendable): number {
  return isBlob(data) ? data.size : sendableBytes(data).length
}

/** Throws a RangeError for more than a Ping or a Pong may carry (RFC 6455 §5.5). */
export function checkControlSize(data: Sendable): void {
  if (sendableSize(data) <= MAX_CONTROL_PAYLOAD_BYTES) return
  throw new RangeError(
    `A Ping or a Pong carries at most ${MAX_CONTROL_PAYLOAD_BYTES} bytes; send more as a message`,
  )
}
