import { createParamDecorator, type ExecutionContext, type PipeTransform, type Type } from '@nestjs/common'
import type { UpgradeRequest, WebSocket } from '@upwire/core'

type Pipe = Type<PipeTransform> | PipeTransform
type Values = Readonly<Record<string, unknown>>

/** Reads a value of the handshake, by its name or all of them. */
type Reader = (name: string | undefined, context: ExecutionContext) => unknown

/** What a connection was opened with, where somebody reads it after the handshake. */
interface Handshake {
  readonly request: UpgradeRequest
  query?: Values
}

/** A socket that has its handshake with it; decision 0027 says why not in a WeakMap. */
interface Carrier extends WebSocket {
  [HANDSHAKE]?: Handshake
}

const HANDSHAKE = Symbol('upwire.handshake')

const readParam: Reader = (name, context) => pick(clientOf(context).params, name)

const readQuery: Reader = (name, context) => pick(queryOf(handshakeOf(context)), name)

const readHeaders: Reader = (name, context) =>
  pick(handshakeOf(context)?.request.headers ?? {}, name?.toLowerCase())

/** The readers that look at the request, which has to be kept for them. */
export const REQUEST_READERS: readonly unknown[] = [readQuery, readHeaders]

/** Keeps the request of a connection for as long as that lasts. */
export function keepRequest(socket: Carrier, request: UpgradeRequest): void {
  socket[HANDSHAKE] = { request }
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

function handshakeOf(context: ExecutionContext): Handshake | undefined {
  const client: Carrier = clientOf(context)
  return client[HANDSHAKE]
}

function pick(values: Values, name: string | undefined): unknown {
  if (name === undefined) return values
  return Object.hasOwn(values, name) ? values[name] : undefined
}

/** Read once for a connection: peers decide how long it is, and how many messages ask for it. */
function queryOf(handshake: Handshake | undefined): Values {
  if (!handshake) return {}
  handshake.query ??= readQueryOf(handshake.request.url)
  return handshake.query
}

/** It begins behind the first `?`, and may have more of them (RFC 3986 §3.4). */
function readQueryOf(url = ''): Values {
  const values = new Map<string, string[]>()
  for (const [name, value] of new URLSearchParams(url.replace(/^[^?]*/, ''))) {
    const all = values.get(name)
    if (all) all.push(value)
    else values.set(name, [value])
  }
  return Object.fromEntries([...values].map(([name, all]) => [name, all.length > 1 ? all : all[0]]))
}
