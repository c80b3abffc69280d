import type { ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'

/** Where Node keeps the response that is being sent on a socket. */
interface HttpStream extends Duplex {
  readonly _httpMessage?: ServerResponse | null
}

/**
 * Calls `proceed` when nothing before the upgrade waits for its response: at once as a rule, but Node hands over an
 * upgrade while the request before it on the stream is still being answered, and responses keep the order of their
 * requests (RFC 9112 §9.3.2). It is not called when the stream ends before that.
 */
export function afterEarlierResponse(stream: Duplex, proceed: () => void): void {
  const { _httpMessage: earlier } = stream as HttpStream
  if (!earlier) return proceed()
  stream.on('error', ignore)
  earlier.once('close', () => {
    if (!stream.destroyed) afterEarlierResponse(stream, proceed)
  })
}

function ignore(): void {}
