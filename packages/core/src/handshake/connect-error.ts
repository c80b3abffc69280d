interface ConnectErrorRow {
  /** `%` stands for the HTTP status of the response. */
  readonly message: string
  readonly section: string
}

/**
 * Every way in which a client's opening handshake can fail that the network does not name itself. The codes are stable;
 * the messages are those that programs written for `ws` match on.
 */
export const CONNECT_ERRORS = {
  UPWIRE_UNEXPECTED_RESPONSE: { message: 'Unexpected server response: %', section: 'RFC 6455 §4.1' },
  UPWIRE_BAD_RESPONSE_UPGRADE: { message: 'Invalid Upgrade header', section: 'RFC 6455 §4.1' },
  UPWIRE_BAD_RESPONSE_CONNECTION: { message: 'Invalid Connection header', section: 'RFC 6455 §4.1' },
  UPWIRE_BAD_RESPONSE_ACCEPT: { message: 'Invalid Sec-WebSocket-Accept header', section: 'RFC 6455 §4.1' },
  UPWIRE_UNASKED_SUBPROTOCOL: {
    message: 'Server sent a subprotocol but none was requested',
    section: 'RFC 6455 §4.1',
  },
  UPWIRE_UNKNOWN_SUBPROTOCOL: { message: 'Server sent an invalid subprotocol', section: 'RFC 6455 §4.1' },
  /** The RFC lets a server speak none of them; browsers fail here, and a client that asked would be misunderstood. */
  UPWIRE_NO_SUBPROTOCOL: { message: 'Server sent no subprotocol', section: 'RFC 6455 §1.9' },
  UPWIRE_UNASKED_EXTENSION: {
    message: 'Server sent a Sec-WebSocket-Extensions header but no extension was requested',
    section: 'RFC 6455 §9.1',
  },
  UPWIRE_UNKNOWN_EXTENSION: {
    message: 'Server indicated an extension that was not requested',
    section: 'RFC 6455 §9.1',
  },
  UPWIRE_BAD_RESPONSE_EXTENSIONS: {
    message: 'Invalid Sec-WebSocket-Extensions header',
    section: 'RFC 6455 §9.1',
  },
  UPWIRE_TOO_MANY_REDIRECTS: { message: 'Maximum redirects exceeded', section: 'RFC 9110 §15.4' },
  UPWIRE_CONNECT_TIMEOUT: { message: 'Opening handshake has timed out', section: 'RFC 6455 §7.1.7' },
  UPWIRE_CONNECT_ABORTED: {
    message: 'WebSocket was closed before the connection was established',
    section: 'RFC 6455 §7.1.7',
  },
} as const satisfies Record<`UPWIRE_${string}`, ConnectErrorRow>

export type ConnectErrorCode = keyof typeof CONNECT_ERRORS

/**
 * An opening handshake that did not become a connection. What the network and TLS say, such as `ECONNREFUSED` or
 * `DEPTH_ZERO_SELF_SIGNED_CERT`, comes as Node's own errors with codes of their own.
 */
export class ConnectError extends Error {
  override readonly name = 'ConnectError'
  readonly code: ConnectErrorCode
  /** The HTTP status of the response, where that was the reason. */
  readonly status: number | undefined

  constructor(code: ConnectErrorCode, { status, cause }: { status?: number; cause?: unknown } = {}) {
    super(CONNECT_ERRORS[code].message.replace('%', String(status)), cause === undefined ? {} : { cause })
    this.code = code
    this.status = status
  }
}
