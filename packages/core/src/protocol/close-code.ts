/** Close codes with a meaning of their own, RFC 6455 §7.4.1 and the IANA registry it founded. */
export const CloseCode = {
  Normal: 1000,
  GoingAway: 1001,
  ProtocolError: 1002,
  UnsupportedData: 1003,
  /** Never on the wire: what an endpoint reports for a Close frame without a code. */
  NoStatus: 1005,
  /** Never on the wire: what an endpoint reports for a connection that ended without a Close frame. */
  Abnormal: 1006,
  InvalidPayload: 1007,
  PolicyViolation: 1008,
  MessageTooBig: 1009,
  MandatoryExtension: 1010,
  InternalError: 1011,
  ServiceRestart: 1012,
  TryAgainLater: 1013,
  BadGateway: 1014,
} as const

const FIRST_REGISTERED = 1000
const LAST_REGISTERED = 1014
const FIRST_PRIVATE = 3000
const LAST_PRIVATE = 4999

/** Whether a Close frame may carry this code, in either direction (RFC 6455 §7.4): 1004–1006 are reserved. */
export function isCloseCode(code: number): boolean {
  if (code >= FIRST_PRIVATE && code <= LAST_PRIVATE) return Number.isInteger(code)
  if (code < FIRST_REGISTERED || code > LAST_REGISTERED) return false
  return Number.isInteger(code) && (code < 1004 || code > 1006)
}
