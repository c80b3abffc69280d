import { EventEmitter } from 'node:events'
import type { ClientRequest, IncomingMessage } from 'node:http'
import '../client/connect.ts'
import { isOptions } from '../client/client-options.ts'
import type { ClientOptions as OurClientOptions } from '../websocket/client-options.ts'
import type { StreamOptions } from '../websocket/connector.ts'
import type { AttributeListener, EventListener } from '../websocket/event-target.ts'
import type { SendCallback } from '../websocket/send-queue.ts'
import type { Sendable, SendOptions } from '../websocket/sendable.ts'
import { WebSocket as OurWebSocket } from '../websocket/websocket.ts'
import { CLIENT_DEFAULTS, ourOptions } from './defaults.ts'
import type * as extension from './extension.ts'
import type { PerMessageDeflate } from './per-message-deflate.ts'
import type { Receiver } from './receiver.ts'
import type { Sender } from './sender.ts'
import type * as subprotocol from './subprotocol.ts'
import type * as types from './types.ts'
import type { ClientOptions, RawData } from './types.ts'
import type * as server from './websocket-server.ts'
import type { createWebSocketStream } from './websocket-stream.ts'

interface SocketEvents {
  close: [code: number, reason: Buffer]
  error: [error: Error]
  message: [data: RawData, isBinary: boolean]
  open: []
  ping: [payload: Buffer]
  pong: [payload: Buffer]
  redirect: [url: string, request: ClientRequest]
  'unexpected-response': [request: ClientRequest, response: IncomingMessage]
  upgrade: [response: IncomingMessage]
}

type AnyListener = (...args: never) => void

const clientOptions = (options: ClientOptions) =>
  ourOptions(options, CLIENT_DEFAULTS) as OurClientOptions & StreamOptions
/** Shared by all sockets that a server makes. */
const DEFAULTS = clientOptions({})

/**
 * The class `WebSocket` of the package `ws` 8: our engine with the defaults of `ws`. Messages have up to 100 MiB, silent
 * peers are kept for ever, compression is offered.
 *
 * What a listener throws is an uncaught exception, as with `ws`; the connection then closes with 1011. What an async one
 * rejects with is an unhandled rejection.
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the interface has overloads of what is inherited, nothing else
export class WebSocket extends OurWebSocket {
  declare static readonly WebSocket: typeof WebSocket
  declare static readonly WebSocketServer: typeof server.WebSocketServer
  declare static readonly Server: typeof server.WebSocketServer
  declare static readonly createWebSocketStream: typeof createWebSocketStream
  declare static readonly Receiver: typeof Receiver
  declare static readonly Sender: typeof Sender
  declare static readonly PerMessageDeflate: typeof PerMessageDeflate
  declare static readonly extension: typeof extension
  declare static readonly subprotocol: typeof subprotocol

  constructor(address: null, protocols?: undefined, options?: StreamOptions)
  constructor(address: string | URL, options?: ClientOptions)
  constructor(address: string | URL, protocols?: string | readonly string[], options?: ClientOptions)
  constructor(
    address: string | URL | null,
    protocols?: string | readonly string[] | ClientOptions,
    options?: ClientOptions & StreamOptions,
  ) {
    const [names, given] = isOptions(protocols) ? [undefined, protocols] : [protocols, options]
    super(address, names, given ? clientOptions(given) : DEFAULTS)
  }

  /** As with a plain EventEmitter, which `ws` has, the connection goes on. */
  override [EventEmitter.captureRejectionSymbol](error: Error): void {
    void Promise.reject(error)
  }
}

/** Typed as `@types/ws` types it: listeners of known events know their arguments, and any other is taken. */
export interface WebSocket {
  onmessage: AttributeListener<types.MessageEvent<this>> | null
  onerror: AttributeListener<types.ErrorEvent<this>> | null

  addEventListener<Type extends keyof types.WebSocketEventMap>(
    type: Type,
    listener: EventListener<types.WebSocketEventMap[Type]>,
    options?: types.EventListenerOptions,
  ): void
  removeEventListener<Type extends keyof types.WebSocketEventMap>(
    type: Type,
    listener: EventListener<types.WebSocketEventMap[Type]>,
  ): void

  send(data: Sendable | RawData, callback?: SendCallback): boolean
  send(data: Sendable | RawData, options: SendOptions & { mask?: boolean }, callback?: SendCallback): boolean

  on<Name extends keyof SocketEvents>(
    event: Name,
    listener: (this: this, ...args: SocketEvents[Name]) => void,
  ): this
  on<Other = never>(event: string | symbol | Other, listener: AnyListener): this
  once<Name extends keyof SocketEvents>(
    event: Name,
    listener: (this: this, ...args: SocketEvents[Name]) => void,
  ): this
  once<Other = never>(event: string | symbol | Other, listener: AnyListener): this
  addListener<Name extends keyof SocketEvents>(
    event: Name,
    listener: (...args: SocketEvents[Name]) => void,
  ): this
  addListener<Other = never>(event: string | symbol | Other, listener: AnyListener): this
  off<Other = never>(event: string | symbol | Other, listener: AnyListener): this
  removeListener<Other = never>(event: string | symbol | Other, listener: AnyListener): this
}

/** The types that a program finds on the class with `@types/ws`. */
export declare namespace WebSocket {
  export type AddressInfo = types.AddressInfo
  export type CertMeta = types.CertMeta
  export type ClientOptions = types.ClientOptions
  export type CloseEvent = types.CloseEvent
  export type Data = types.Data
  export type ErrorEvent = types.ErrorEvent
  export type Event = types.Event
  export type EventListenerOptions = types.EventListenerOptions
  export type FinishRequestCallback = types.FinishRequestCallback
  export type MessageEvent = types.MessageEvent
  export type PerMessageDeflateOptions = types.PerMessageDeflateOptions
  export type RawData = types.RawData
  export type Server = server.WebSocketServer
  export type ServerOptions = types.ServerOptions
  export type VerifyClientCallbackAsync = types.VerifyClientCallbackAsync
  export type VerifyClientCallbackSync = types.VerifyClientCallbackSync
  export type WebSocketEventMap = types.WebSocketEventMap
  export type WebSocketServer = server.WebSocketServer
}

// Programs look for the constants and accessors on the class and its prototype themselves, not on those above them.
for (const [ours, theirs] of [
  [OurWebSocket, WebSocket],
  [OurWebSocket.prototype, WebSocket.prototype],
] as const) {
  for (const name of Object.keys(ours)) {
    Object.defineProperty(theirs, name, Object.getOwnPropertyDescriptor(ours, name) ?? {})
  }
}
