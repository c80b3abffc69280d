import type { Output } from './output.ts'

/** Compresses messages of one direction, each with a reference to those before it where contexts are taken over. */
export interface DeflateContext {
  /** The DEFLATE blocks of `payload`, which is not empty; they end with an empty block, `00 00 00 ff ff`. */
  deflate(payload: Uint8Array): Buffer
  close(): void
}

/** Decompresses messages of one direction. */
export interface InflateContext {
  /** The next part of a message. Throws a ProtocolError; after that a new message may begin. */
  push(part: Uint8Array, output: Output): void
  /** Pushes as much of a part as gives about 64 KiB, where it can, and returns how much that was. */
  step(part: Uint8Array, output: Output): number
  /** Whether more may come out with no more put in. */
  readonly hasMore: boolean
  /** The end of the message. Throws as `push` does. */
  end(output: Output): void
  close(): void
}

/** What a sender takes off the end of a message, and a receiver puts back (RFC 7692 §7.2.1, §7.2.2). */
export const TAIL = Buffer.of(0x00, 0x00, 0xff, 0xff)
