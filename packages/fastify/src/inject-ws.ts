import { type HttpServer, type InjectOptions, inject } from '@upwire/core/internal'
import type { FastifyInstance } from 'fastify'
import { ready } from './fastify-internals.ts'
import type { InjectWS } from './fastify-types.ts'
import type { InjectedWebSocket } from './socket.ts'

/** `app.injectWS()`: a connection through the application and Node's HTTP parser, without a port. */
export function createInjectWS(app: FastifyInstance, server: HttpServer): InjectWS {
  return async (path = '/', { headers, ...properties } = {}, options = {}) => {
    await ready(app)
    const socket = await inject(server, path, {
      ...(options as InjectOptions),
      headers: headers as Record<string, string>,
      onRequest: (request) => void Object.assign(request, properties),
    })
    return socket as InjectedWebSocket
  }
}
