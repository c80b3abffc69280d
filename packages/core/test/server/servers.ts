import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { createServer as createSecureServer, type Server as SecureServer } from 'node:https'
import type { Socket } from 'node:net'
import { onTestFinished } from 'vitest'

function fixture(name: string): Buffer {
  return readFileSync(new URL(`../../../testkit/fixtures/${name}`, import.meta.url))
}

/** A certificate for localhost that signs itself, and what trusts it. */
export const TLS = { cert: fixture('localhost.crt'), key: fixture('localhost.key') }
export const TRUST = { ca: TLS.cert, servername: 'localhost' }

/** Starts a server on a free port of loopback. It ends, with all its connections, after the test. */
export async function listen<Listening extends Server | SecureServer>(server: Listening): Promise<Listening> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => sockets.add(socket))
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy()
    if (!server.listening) return
    server.close()
    await once(server, 'close')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}

/** An http server whose pages say what was asked for. */
export function pages(): Server {
  return createServer(answer)
}

export function securePages(): SecureServer {
  return createSecureServer(TLS, answer)
}

const answer: Parameters<typeof createServer>[1] = (request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => response.end(`${request.method} ${request.url} ${Buffer.concat(chunks)}`))
}
