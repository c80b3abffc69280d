interface HandshakeErrorRow {
  /** The HTTP status of the response. */
  readonly status: number
  /** Sent as the body: says what is expected and repeats nothing of the request. */
  readonly message: string
  readonly section: string
  readonly headers?: Readonly<Record<string, string>>
}

/** A 426 names the protocol to upgrade to, and `Upgrade` has to be listed in `Connection` (RFC 9110 §7.8, §15.5.22). */
const UPGRADE_TO_WEBSOCKET = { Upgrade: 'websocket', Connection: 'Upgrade' } as const

const SUPPORTED_VERSION = { 'Sec-WebSocket-Version': '13' } as const

/** Every way an opening handshake can fail. The codes are stable: programs and dashboards may rely on them. */
export const HANDSHAKE_ERRORS = {
  UPWIRE_BAD_METHOD: {
    status: 405,
    message: 'A WebSocket opening handshake must be a GET request',
    section: 'RFC 6455 §4.2.1',
    headers: { Allow: 'GET' },
  },
  UPWIRE_BAD_HTTP_VERSION: {
    status: 400,
    message: 'A WebSocket opening handshake needs HTTP/1.1 or later',
    section: 'RFC 6455 §4.2.1',
  },
  UPWIRE_BAD_TARGET: {
    status: 400,
    message: 'The request target must be a path or an absolute http or https URI',
    section: 'RFC 6455 §4.2.1',
  },
  UPWIRE_BAD_HOST: {
    status: 400,
    message: 'There must be exactly one Host header, and it must be a host with an optional port',
    section: 'RFC 9112 §3.2',
  },
  UPWIRE_BAD_UPGRADE: {
    status: 400,
    message: 'The Upgrade header must include websocket',
    section: 'RFC 6455 §4.2.1',
  },
  UPWIRE_BAD_CONNECTION: {
    status: 400,
    message: 'The Connection header must include Upgrade',
    section: 'RFC 6455 §4.2.1',
  },
  UPWIRE_MISSING_VERSION: {
    // 400, for the request is incomplete; 426 is left to clients that do name a version (§4.2.2, item 4).
    status: 400,
    message: 'The Sec-WebSocket-Version header is missing',
    section: 'RFC 6455 §4.2.1',
    headers: SUPPORTED_VERSION,
  },
  UPWIRE_BAD_VERSION: {
    status: 426,
    message: 'The only supported Sec-WebSocket-Version is 13',
    section: 'RFC 6455 §4.4',
    headers: { ...SUPPORTED_VERSION, ...UPGRADE_TO_WEBSOCKET },
  },
  UPWIRE_BAD_KEY: {
    status: 400,
    message: 'The Sec-WebSocket-Key header must be the base64 form of 16 bytes',
    section: 'RFC 6455 §4.2.1',
  },
  UPWIRE_BAD_SUBPROTOCOL: {
    status: 400,
    message: 'The Sec-WebSocket-Protocol header must be a list of distinct tokens',
    section: 'RFC 6455 §4.1',
  },
  UPWIRE_BAD_EXTENSIONS: {
    status: 400,
    message: 'The Sec-WebSocket-Extensions header is malformed or too long',
    section: 'RFC 6455 §9.1',
  },
  UPWIRE_FOREIGN_ORIGIN: {
    status: 403,
    message: 'Pages of this origin may not connect',
    section: 'RFC 6455 §4.2.2',
  },
  UPWIRE_NO_ROUTE: {
    status: 404,
    message: 'There is no WebSocket at this path',
    section: 'RFC 6455 §4.2.2',
  },
  UPWIRE_UPGRADE_REQUIRED: {
    status: 426,
    message: 'This path only serves WebSocket connections',
    section: 'RFC 9110 §15.5.22',
    headers: UPGRADE_TO_WEBSOCKET,
  },
  UPWIRE_TOO_MANY_CONNECTIONS: {
    status: 503,
    message: 'The server has as many connections as it accepts',
    section: 'RFC 9110 §15.6.4',
  },
  UPWIRE_TOO_MANY_CONNECTIONS_FROM_ADDRESS: {
    status: 429,
    message: 'This address has as many connections as the server accepts from one',
    section: 'RFC 6585 §4',
  },
  UPWIRE_SHUTTING_DOWN: {
    status: 503,
    message: 'The server is shutting down',
    section: 'RFC 9110 §15.6.4',
  },
  UPWIRE_HANDSHAKE_TIMEOUT: {
    // 503, for the request had arrived and the application did not decide in time; 408 would blame the client.
    status: 503,
    message: 'The server did not complete the opening handshake in time',
    section: 'RFC 9110 §15.6.4',
  },
  UPWIRE_UPGRADE_FAILED: {
    status: 500,
    message: 'The server failed while it handled the opening handshake',
    section: 'RFC 9110 §15.6.1',
  },
} as const satisfies Record<`UPWIRE_${string}`, HandshakeErrorRow>

export type HandshakeErrorCode = keyof typeof HANDSHAKE_ERRORS

/** An opening handshake that ends in an HTTP response instead of a connection. Its message may be sent to the peer. */
export class HandshakeError extends Error {
  override readonly name = 'HandshakeError'
  readonly code: HandshakeErrorCode
  readonly status: number
  readonly headers: Readonly<Record<string, string>>

  constructor(code: HandshakeErrorCode) {
    const row: HandshakeErrorRow = HANDSHAKE_ERRORS[code]
    super(row.message)
    this.code = code
    this.status = row.status
    this.headers = row.headers ?? {}
  }
}

export function handshakeError(code: HandshakeErrorCode): HandshakeError {
  return new HandshakeError(code)
}
