import type { Writable } from 'node:stream'
import * as ws from 'ws'
import type { Role } from '../../src/protocol/role.ts'
import { type WsPerMessageDeflate, wsPerMessageDeflate } from '../../test/permessage-deflate/ws-deflate.ts'

export type WsReceiver = Writable
export type WsOffers = Readonly<
  Record<string, readonly Readonly<Record<string, readonly (string | true)[]>>[]>
>

/** What `ws` exports and its types leave out. */
interface Exports {
  readonly Receiver: new (options: Readonly<Record<string, unknown>>) => WsReceiver
  readonly extension: { parse(header: string): WsOffers }
  readonly subprotocol: { parse(header: string): Set<string> }
}

const { Receiver, extension, subprotocol } = ws as unknown as Exports

export interface ReceiverOptions {
  readonly role: Role
  readonly maxPayload: number
  readonly maxFragments: number
  readonly deflate: WsPerMessageDeflate | undefined
}

export function wsReceiver({ role, deflate, ...limits }: ReceiverOptions): WsReceiver {
  const extensions = deflate === undefined ? {} : { 'permessage-deflate': deflate }
  return new Receiver({ ...limits, extensions, isServer: role === 'server' })
}

/** permessage-deflate of the largest windows, agreed on as the endpoint of that role would. */
export function wsDeflate(role: Role, maxPayload: number, contextTakeover: boolean): WsPerMessageDeflate {
  const deflate = wsPerMessageDeflate({ isServer: role === 'server', maxPayload })
  const flags: Record<string, true[]> = contextTakeover
    ? {}
    : { server_no_context_takeover: [true], client_no_context_takeover: [true] }
  deflate.accept([flags])
  return deflate
}

/** `undefined` where it throws the error of a header it cannot read. */
export function wsOffers(header: string): WsOffers | undefined {
  return readOrRefuse(() => extension.parse(header))
}

export function wsSubprotocols(header: string): string[] | undefined {
  return readOrRefuse(() => [...subprotocol.parse(header)])
}

function readOrRefuse<Value>(read: () => Value): Value | undefined {
  try {
    return read()
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
