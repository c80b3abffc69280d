import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer as OurWebSocketServer } from '../server/websocket-server.ts'
import { throwUncaught } from '../websocket/user-code.ts'
import { ourOptions, SERVER_DEFAULTS } from './defaults.ts'
import type { ServerOptions } from './types.ts'
import { WebSocket } from './websocket.ts'

interface ServerEvents {
  close: []
  connection: [socket: WebSocket, request: IncomingMessage]
  error: [error: Error]
  headers: [lines: string[], request: IncomingMessage]
  listening: []
  wsClientError: [error: Error, stream: Duplex, request: IncomingMessage]
}

type AnyListener = (...args: never) => void

/**
 * The class `WebSocketServer` of the package `ws` 8: our engine with the defaults of `ws`. Every page on the web may
 * connect, unless `verifyClient` or `origin` says otherwise; messages have up to 100 MiB.
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the interface has overloads of what is inherited, nothing else
export class WebSocketServer extends OurWebSocketServer {
  declare readonly clients: Set<WebSocket>

  constructor(options: ServerOptions = {}, callback?: () => void) {
    super(ourOptions(options, { ...SERVER_DEFAULTS, WebSocket, onError: throwUncaught }), callback)
  }
}

/** Typed as `@types/ws` types it: listeners of known events know their arguments, and any other is taken. */
export interface WebSocketServer {
  on<Name extends keyof ServerEvents>(
    event: Name,
    listener: (this: this, ...args: ServerEvents[Name]) => void,
  ): this
  on<Other = never>(event: string | symbol | Other, listener: AnyListener): this
  once<Name extends keyof ServerEvents>(
    event: Name,
    listener: (this: this, ...args: ServerEvents[Name]) => void,
  ): this
  once<Other = never>(event: string | symbol | Other, listener: AnyListener): this
  addListener<Name extends keyof ServerEvents>(
    event: Name,
    listener: (this: this, ...args: ServerEvents[Name]) => void,
  ): this
  addListener<Other = never>(event: string | symbol | Other, listener: AnyListener): this
  off<Other = never>(event: string | symbol | Other, listener: AnyListener): this
  removeListener<Other = never>(event: string | symbol | Other, listener: AnyListener): this
}
