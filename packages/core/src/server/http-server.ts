import { Server as PlainServer } from 'node:http'
import { Server as SecureServer } from 'node:https'

/** An HTTP/1.1 server of Node, with TLS or without. */
export type HttpServer = PlainServer | SecureServer

/** Throws a TypeError that says what to pass instead, when `server` is none. */
export function checkHttpServer(server: unknown): asserts server is HttpServer {
  if (server instanceof PlainServer || isSecure(server)) return
  throw new TypeError(
    hasMember(server, 'updateSettings')
      ? 'WebSockets need HTTP/1.1, and this server only speaks HTTP/2: create it with TLS and allowHTTP1: true'
      : 'attach() takes an http or https server: what http.createServer() returns, or app.listen() in most frameworks',
  )
}

/**
 * Whether connections to `server` are encrypted. An HTTP/2 server that was created with `allowHTTP1` is one for clients of
 * HTTP/1.1, and then has the timeouts of an https server.
 */
export function isSecure(server: unknown): server is SecureServer {
  if (server instanceof SecureServer) return true
  return hasMember(server, 'setSecureContext') && hasMember(server, 'headersTimeout')
}

function hasMember(value: unknown, name: string): boolean {
  return typeof value === 'object' && value !== null && name in value
}
