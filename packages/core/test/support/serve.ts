import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { onTestFinished } from 'vitest'
import { formatAcceptance } from '../../src/handshake/opening-response.ts'
import { type Opened, open, type PairOptions } from './open-pair.ts'

export interface Served {
  readonly server: Server
  /** The connections that were opened, in order. */
  readonly opened: Opened[]
}

/** An HTTP server that upgrades every request by hand. It is closed after the test. */
export async function serve(options: PairOptions = {}): Promise<Served> {
  const opened: Opened[] = []
  const server = createServer()
  server.on('upgrade', (request, stream, head) => {
    stream.write(formatAcceptance({ key: request.headers['sec-websocket-key'] ?? '' }))
    opened.push(open(stream, { url: request.url ?? '', ...options, head }))
  })
  server.listen(0, '127.0.0.1')
  onTestFinished(async () => {
    for (const { stream } of opened) stream.destroy()
    server.close()
    await once(server, 'close')
  })
  await once(server, 'listening')
  return { server, opened }
}
