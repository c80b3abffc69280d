import { decode, encode } from '@msgpack/msgpack'
import type { Codec, GatewayMessage } from './codec.ts'

/**
 * `{ event, data }` as MessagePack, in binary messages: `@WebSocketGateway<GatewayOptions>({ codec: messagePack })`. It
 * stands on the package @msgpack/msgpack. A text message is answered with an exception.
 */
export const messagePack: Codec = {
  decode(data, isBinary) {
    if (!isBinary) throw new TypeError('This gateway reads MessagePack, in binary messages')
    return decode(data as Buffer) as GatewayMessage
  },
  encode: (response) => encode(response),
}
