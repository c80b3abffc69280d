/** Every way in which a message that is read or sent in parts can end before its end. The codes are stable. */
export const STREAM_ERRORS = {
  UPWIRE_MESSAGE_CUT: 'The connection ended before the message did',
  UPWIRE_MESSAGE_DISCARDED:
    'The message was discarded: read it before the stream hook, or the loop over messages, is done with it',
  UPWIRE_MESSAGE_TOO_LONG: 'The message has more than % bytes; read it in parts, or give a higher maxBytes',
  UPWIRE_MESSAGE_NOT_SENT: 'The connection closed before the message was sent',
} as const

export type StreamErrorCode = keyof typeof STREAM_ERRORS

/** What happened to a message that was read or sent in parts. */
export class StreamError extends Error {
  override readonly name = 'StreamError'
  readonly code: StreamErrorCode

  /** `detail` stands where the message leaves a place open. */
  constructor(code: StreamErrorCode, detail?: number) {
    super(STREAM_ERRORS[code].replace('%', String(detail)))
    this.code = code
  }
}
