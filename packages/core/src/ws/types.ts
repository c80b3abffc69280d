import type { ClientRequest, IncomingMessage, OutgoingHttpHeaders } from 'node:http'
import type { WebSocketServerOptions } from '../server/websocket-server-options.ts'
import type { ClientOptions as OurClientOptions } from '../websocket/client-options.ts'
import type { EventTypes } from '../websocket/event-target.ts'
import type { WsDeflateOptions } from './deflate-options.ts'
import type { WebSocket } from './websocket.ts'

export type { AddressInfo } from 'node:net'
export type { WsDeflateOptions as PerMessageDeflateOptions } from './deflate-options.ts'

/** The options of a client, with the names and the defaults they have in `ws`. */
export interface ClientOptions extends Omit<OurClientOptions, 'perMessageDeflate' | 'protocolVersion'> {
  /** Whether compression is offered, and how. Default true. */
  perMessageDeflate?: boolean | WsDeflateOptions
  /** 8 or 13. Default 13. */
  protocolVersion?: number
}

/** The options of a server, with the names and the defaults they have in `ws`. */
export interface ServerOptions extends Omit<WebSocketServerOptions, 'perMessageDeflate'> {
  /** Whether messages may be compressed, and how. Default false. */
  perMessageDeflate?: boolean | WsDeflateOptions
}

/** A message, as `@types/ws` has it. With `binaryType: 'blob'`, which that does not know, a binary one is a Blob. */
export type RawData = Buffer | ArrayBuffer | Buffer[]
export type Data = string | RawData

type Events = EventTypes<WebSocket>
export type Event = Events['open']
export type CloseEvent = Events['close']
export interface MessageEvent<Target = WebSocket> extends Omit<EventTypes<Target>['message'], 'data'> {
  readonly data: Data
}
export interface ErrorEvent<Target = WebSocket> extends Omit<EventTypes<Target>['error'], 'error'> {
  readonly error: Error
}

export interface WebSocketEventMap {
  open: Event
  message: MessageEvent
  close: CloseEvent
  error: ErrorEvent
}

export interface EventListenerOptions {
  once?: boolean
}

export type CertMeta = string | string[] | Buffer | Buffer[]

export type FinishRequestCallback = (request: ClientRequest, socket: WebSocket) => void

interface Client {
  origin: string
  secure: boolean
  req: IncomingMessage
}

export type VerifyClientCallbackSync = (client: Client) => boolean

export type VerifyClientCallbackAsync = (
  client: Client,
  callback: (verified: boolean, status?: number, message?: string, headers?: OutgoingHttpHeaders) => void,
) => void
