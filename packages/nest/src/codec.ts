/** A message as gateways take it: `event` names the handler. */
export interface GatewayMessage {
  readonly event: unknown
  readonly data?: unknown
}

/** Reads a message. What returns nothing is dropped without a word; what throws is answered with an exception. */
export type MessageParser = (data: string | Buffer) => GatewayMessage | null | undefined

/** How the messages of a gateway are written: `{ event, data }` one way, what handlers return the other. */
export interface Codec {
  /**
   * `data` is a string for a text message and a Buffer for a binary one. What returns nothing is dropped without a word;
   * what throws is answered with an exception.
   */
  decode(data: string | Buffer, isBinary: boolean): GatewayMessage | null | undefined
  /** Text for a string, binary for bytes. */
  encode(response: unknown): string | Uint8Array
}

/** Nest's own wire format: `{ "event": …, "data": … }`, as text. */
export function parseJson(data: string | Buffer): GatewayMessage {
  return JSON.parse(typeof data === 'string' ? data : data.toString())
}

/**
 * Messages as they are: `@SubscribeMessage('text')` takes strings, `@SubscribeMessage('binary')` Buffers. Strings that
 * handlers return are sent as text, anything but bytes as JSON.
 */
export const rawCodec: Codec = {
  decode: (data, isBinary) => ({ event: isBinary ? 'binary' : 'text', data }),
  encode: (response) => (typeof response === 'string' ? response : JSON.stringify(response)),
}
