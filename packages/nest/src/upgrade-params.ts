import { createParamDecorator, type ExecutionContext, type PipeTransform, type Type } from '@nestjs/common'
import type { UpgradeRequest, WebSocket } from '@upwire/core'

type Pipe = Type<PipeTransform> | PipeTransform
type Values = Readonly<Record<string, unknown>>

/** Reads a value of the handshake, by its name or all of them. */
type Reader = (name: string | undefined, context: ExecutionContext) => unknown

/** Requests that somebody reads after the handshake; no other is kept. */
const requests = new WeakMap<WebSocket, UpgradeRequest>()

const readParam: Reader = (name, context) => pick(clientOf(context).params, name)

const readQuery: Reader = (name, context) => pick(queryOf(requests.get(clientOf(context))?.url), name)

const readHeaders: Reader = (name, context) =>
  pick(requests.get(clientOf(context))?.headers ?? {}, name?.toLowerCase())

/** The readers that look at the request, which has to be kept for them. */
export const REQUEST_READERS: readonly unknown[] = [readQuery, readHeaders]

/** Keeps the request of a connection for as long as that lasts. */
export function keepRequest(socket: WebSocket, request: UpgradeRequest): void {
  requests.set(socket, request)
}

/** A parameter of the gateway's path, percent-decoded, or all of them: `@UpgradeParam('id', ParseIntPipe) id: number`. */
export const UpgradeParam: (name?: string, ...pipes: Pipe[]) => ParameterDecorator =
  createParamDecorator(readParam)

/** A parameter of the query that the connection was opened with, or all; a list where the name repeats. */
export const UpgradeQuery: (name?: string, ...pipes: Pipe[]) => ParameterDecorator =
  createParamDecorator(readQuery)

/** A header of the opening handshake, or all of them, as Node has them. */
export const UpgradeHeaders: (name?: string, ...pipes: Pipe[]) => ParameterDecorator =
  createParamDecorator(readHeaders)

function clientOf(context: ExecutionContext): WebSocket {
  return context.switchToWs().getClient<WebSocket>()
}

function pick(values: Values, name: string | undefined): unknown {
  if (name === undefined) return values
  return Object.hasOwn(values, name) ? values[name] : undefined
}

function queryOf(url = ''): Values {
  const query = new URLSearchParams(url.split('?', 2)[1])
  const entries = [...new Set(query.keys())].map((name) => {
    const all = query.getAll(name)
    return [name, all.length > 1 ? all : all[0]] as const
  })
  return Object.fromEntries(entries)
}
