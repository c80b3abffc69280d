/** Decompresses the messages that a peer sends with RSV1 set (RFC 7692 §6.2). */
export interface MessageDecompressor {
  /** A message, from the payload of all its frames. Throws a ProtocolError where it is corrupt or above `maxBytes`. */
  inflate(payload: Uint8Array, maxBytes: number): Buffer
}

/** Compresses messages (RFC 7692 §6.1). */
export interface MessageCompressor {
  /** Messages with fewer bytes are sent as they are. */
  readonly threshold: number
  /** The payload of a message, or of a fragment of one; `isLast` says that the message ends with it. */
  deflate(payload: Uint8Array, isLast?: boolean): Buffer
}
