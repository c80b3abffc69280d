import type { ClientOptions } from '../websocket/client-options.ts'
import { setConnector } from '../websocket/connector.ts'
import { WebSocket } from '../websocket/websocket.ts'
import { OpeningAttempt } from './opening-attempt.ts'
import { quicken, termsFor } from './terms.ts'

/**
 * Opens a connection, as a client, and resolves when it is open: messages that the server sends at once are held until
 * there is a 'message' listener or a `for await`. Rejects with the error that the opening handshake failed with: a
 * `ConnectError` with its code, Node's own of the network and of TLS, or the SyntaxError, TypeError or RangeError of an
 * address or an option that cannot be used.
 *
 * The address is `ws:`, `wss:`, `http:`, `https:`, or `ws+unix:/path/of.sock:/path` for a unix socket. A certificate that
 * is not trusted or is for another host is refused.
 */
export function connect<Data = unknown>(
  address: string | URL,
  options?: ClientOptions,
): Promise<WebSocket<Data>> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket<Data>(address, undefined, options)
    const opened = () => {
      socket.off('error', reject)
      resolve(socket)
    }
    socket.once('open', opened).once('error', reject)
  })
}

setConnector({
  attempt: (...handshake) => new OpeningAttempt(...handshake),
  terms(stream, ...how) {
    quicken(stream)
    return termsFor(...how)
  },
})
