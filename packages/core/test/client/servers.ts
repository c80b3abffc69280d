import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

const CRLF = '\r\n'

/** The request of a handshake as it came over the wire. */
export interface RawRequest {
  readonly requestLine: string
  /** By name as sent. */
  readonly headers: ReadonlyMap<string, string>
  /** The accept value for its key, as RFC 6455 §1.3 says. */
  readonly accept: string
}

export interface RawServer {
  readonly server: Server
  readonly port: number
  readonly requests: RawRequest[]
}

type Answer = (socket: Socket, request: RawRequest) => void

/** A server without HTTP: `answer` gets each request's head, and the socket to write to. It ends after the test. */
export async function rawServer(answer: Answer, where: string | undefined = '127.0.0.1'): Promise<RawServer> {
  const sockets = new Set<Socket>()
  const requests: RawRequest[] = []
  const server = createServer((socket) => {
    let head = ''
    sockets.add(socket)
    socket.setNoDelay(true).on('error', () => {})
    socket.on('data', function read(chunk: Buffer) {
      head += chunk.toString('latin1')
      if (!head.includes(CRLF + CRLF)) return
      socket.off('data', read)
      const request = readRequest(head)
      requests.push(request)
      answer(socket, request)
    })
  })
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy()
    server.close()
    await once(server, 'close')
  })
  if (where.startsWith('/')) server.listen(where)
  else server.listen(0, where)
  await once(server, 'listening')
  const address = server.address()
  return { server, requests, port: typeof address === 'object' ? (address?.port ?? 0) : 0 }
}

/** Reads the head of a request. */
export function readRequest(head: string): RawRequest {
  const [requestLine, ...lines] = head.split(CRLF + CRLF)[0].split(CRLF)
  const headers = new Map(lines.map((line) => line.split(': ', 2) as [string, string]))
  const accept = createHash('sha1')
    .update(`${headers.get('Sec-WebSocket-Key')}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
    .digest('base64')
  return { requestLine, headers, accept }
}

/** The head of a 101 that is right, but for `changes`; null leaves a header out. */
export function switching(request: RawRequest, changes: Record<string, string | null> = {}): string {
  const headers: Record<string, string | null> = {
    Upgrade: 'websocket',
    Connection: 'Upgrade',
    'Sec-WebSocket-Accept': request.accept,
    ...changes,
  }
  return responseHead('101 Switching Protocols', headers)
}

export function responseHead(status: string, headers: Record<string, string | null> = {}): string {
  const lines = Object.entries(headers).filter(([, value]) => value !== null)
  return [`HTTP/1.1 ${status}`, ...lines.map(([name, value]) => `${name}: ${value}`), CRLF].join(CRLF)
}

/** Sends every connection to another address. */
export function redirecting(location: string, status = '302 Found'): Promise<RawServer> {
  return rawServer((socket) =>
    socket.end(responseHead(status, { Location: location, 'Content-Length': '0' })),
  )
}

/** A path for a unix socket, which nobody else has. */
export function unixPath(): string {
  const folder = mkdtempSync(join(tmpdir(), 'upwire-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return join(folder, 'server.sock')
}
