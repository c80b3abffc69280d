import { Server as PlainServer } from 'node:http'
import { Server as SecureServer } from 'node:https'

/** An HTTP/1.1 server of Node, with TLS or without. */
export type HttpServer = PlainServer | SecureServer

/** Throws a TypeError that says what to pass instead, when `server` is none. */
export function checkHttpServer(server: unknown): asserts server is HttpServer {
  if (server instanceof PlainServer || server instanceof SecureServer) return
  throw new TypeError(
    'attach() takes an http or https server: what http.createServer() returns, or app.listen() in most frameworks',
  )
}

export function isSecure(server: HttpServer): server is SecureServer {
  return server instanceof SecureServer
}
