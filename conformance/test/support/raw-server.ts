import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { acceptKeyOf } from '../../driver/http-head.ts'
import { handleFrames, type OnFrame } from './manners.ts'

export interface RawServer {
  readonly port: number
  close(): Promise<void>
}

/** A WebSocket server without an engine. `headers` stand in its 101 instead of the right ones, or beside them. */
export async function rawServer(onFrame: OnFrame, headers: Record<string, string> = {}): Promise<RawServer> {
  const server = createServer()
  const streams = new Set<Duplex>()
  server.on('upgrade', (request, stream) => {
    streams.add(stream)
    const fields = {
      Upgrade: 'websocket',
      Connection: 'Upgrade',
      'Sec-WebSocket-Accept': acceptKeyOf(String(request.headers['sec-websocket-key'])),
      ...headers,
    }
    const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}`)
    stream.write(['HTTP/1.1 101 Switching Protocols', ...lines, '\r\n'].join('\r\n'))
    handleFrames(stream, onFrame)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      for (const stream of streams) stream.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
