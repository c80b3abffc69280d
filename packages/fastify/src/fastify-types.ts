import type { IncomingMessage } from 'node:http'
import type {
  HandlerHooks,
  HttpServer,
  Message,
  PerMessageDeflateOptions,
  RouteOptions,
  SendOptions,
  ShutdownOptions,
  VerifyClient,
} from '@upwire/core'
import type {
  ContextConfigDefault,
  FastifyBaseLogger,
  FastifyInstance,
  FastifyReply,
  FastifyRequest,
  FastifySchema,
  FastifyTypeProvider,
  FastifyTypeProviderDefault,
  preCloseAsyncHookHandler,
  preCloseHookHandler,
  RawRequestDefaultExpression,
  RawServerBase,
  RawServerDefault,
  RequestGenericInterface,
} from 'fastify'
import type { InjectedWebSocket, WebSocket } from './socket.ts'

/** The options of routes that Upwire has everywhere; functions among them are given Fastify's request. */
export interface WebSocketRouteOptions<Data = unknown, Request = FastifyRequest>
  extends Omit<RouteOptions<Data>, 'data' | 'subprotocols'> {
  /** Makes `socket.data` for a function handler, and may refuse as an `upgrade` hook may. Default: undefined. */
  data?: (request: Request) => Data | PromiseLike<Data>
  /** The subprotocols the server speaks, best first, or a function that picks one (RFC 6455 §1.9). */
  subprotocols?:
    | readonly string[]
    | ((offered: readonly string[], request: Request) => string | undefined | false)
}

/** A socket of a route with a schema of what it may send beside text and bytes: `Reply`. */
export type ReplySocket<Reply, Data = unknown> = {
  send(value: Reply, options?: SendOptions): boolean
} & WebSocket<Data>

/** A socket of a route with a schema of its messages: to listeners and loops they are a `Value`. */
export type MessageSocket<Value, Reply, Data = unknown> = {
  on(event: 'message', listener: (data: Value, isBinary: false) => unknown): MessageSocket<Value, Reply, Data>
  once(
    event: 'message',
    listener: (data: Value, isBinary: false) => unknown,
  ): MessageSocket<Value, Reply, Data>
  [Symbol.asyncIterator](): AsyncIterableIterator<Value, undefined>
} & ReplySocket<Reply, Data>

/** The socket that the schemas of a route make, as its type provider reads them. */
export type SocketOf<Schema, TypeProvider extends FastifyTypeProvider, Data = unknown> = Schema extends {
  message: infer Value
}
  ? MessageSocket<ValueOf<TypeProvider, Value>, ReplyOf<Schema, TypeProvider>, Data>
  : Schema extends { reply: unknown }
    ? ReplySocket<ReplyOf<Schema, TypeProvider>, Data>
    : WebSocket<Data>

/** What a message hook is given. */
export type MessageOf<Schema, TypeProvider extends FastifyTypeProvider> = Schema extends {
  message: infer Value
}
  ? ValueOf<TypeProvider, Value>
  : Message

type ValueOf<TypeProvider extends FastifyTypeProvider, Schema> = (TypeProvider & {
  schema: Schema
})['validator']

type ReplyOf<Schema, TypeProvider extends FastifyTypeProvider> = Schema extends { reply: infer Reply }
  ? (TypeProvider & { schema: Reply })['serializer']
  : object

/** The hooks of a route's connections; `upgrade` is given Fastify's request. */
export interface WebSocketHooks<
  Data = unknown,
  Request = FastifyRequest,
  Value = Message,
  Socket = WebSocket<Data>,
> extends Omit<HandlerHooks<Data>, 'upgrade' | 'open' | 'message'> {
  /** Runs once, before any message. Messages wait for it. */
  open?(socket: Socket): unknown
  /** Runs for each message, in order, never two at a time. With a schema, `data` is the value; without, text or bytes. */
  message?(socket: Socket, data: Value, isBinary: boolean): unknown
  /**
   * Runs behind the hooks of the route and decides: what it returns becomes `socket.data`; a `Response` or an
   * `UpgradeRejection`, thrown or returned, refuses; any other error takes the way of every error in Fastify. `headers`
   * go on the 101.
   */
  upgrade?(request: Request, headers: Headers): ReturnType<NonNullable<HandlerHooks<Data>['upgrade']>>
}

/** Serves a connection. `this` is the Fastify instance of the route. */
export type WebSocketHandlerFunction<Data = unknown, Request = FastifyRequest, Socket = WebSocket<Data>> = (
  this: FastifyInstance,
  socket: Socket,
  request: Request,
) => unknown

/** What serves a route: a function `(socket, request) => …`, or an object of hooks. */
export type WebSocketHandler<
  Data = unknown,
  Request = FastifyRequest,
  Value = Message,
  Socket = WebSocket<Data>,
> = WebSocketHandlerFunction<Data, Request, Socket> | WebSocketHooks<Data, Request, Value, Socket>

/** The handler of a route, under the name that @fastify/websocket gives to it. */
export type WebsocketHandler<
  RawServer extends RawServerBase = RawServerDefault,
  RawRequest extends RawRequestDefaultExpression<RawServer> = RawRequestDefaultExpression<RawServer>,
  RequestGeneric extends RequestGenericInterface = RequestGenericInterface,
  ContextConfig = ContextConfigDefault,
  SchemaCompiler extends FastifySchema = FastifySchema,
  TypeProvider extends FastifyTypeProvider = FastifyTypeProviderDefault,
  Logger extends FastifyBaseLogger = FastifyBaseLogger,
> = (
  this: FastifyInstance,
  socket: SocketOf<SchemaCompiler, TypeProvider>,
  request: FastifyRequest<
    RequestGeneric,
    RawServer,
    RawRequest,
    SchemaCompiler,
    TypeProvider,
    ContextConfig,
    Logger
  >,
) => unknown

/** Is told of each error of a connection, once: what its handler, listeners and hooks throw, and what the peer did. */
export type ErrorHandler = (
  this: FastifyInstance,
  error: Error,
  socket: WebSocket,
  request: FastifyRequest,
  reply: FastifyReply,
) => unknown

/** What the plugin is registered with. Route options are the defaults of the routes in its context. */
export interface UpwireOptions extends WebSocketRouteOptions {
  /** Takes the place of the log for errors of connections, and decides what becomes of the connection. */
  errorHandler?: ErrorHandler
  /** Takes the place of what ends the connections when Fastify closes: 1001 for each, at most 5 s, then cut off. */
  preClose?: preCloseHookHandler | preCloseAsyncHookHandler
  /** How connections are ended when Fastify closes. */
  shutdown?: ShutdownOptions
  /** The server whose upgrades are taken. Default: Fastify's own, on all its addresses. */
  server?: HttpServer
  /** The options of @fastify/websocket for its server of the package `ws`. */
  options?: WsServerOptions
}

/** What a test may say about an injected handshake. */
export interface InjectWSOption {
  onInit?: (socket: InjectedWebSocket) => void
  onOpen?: (socket: InjectedWebSocket) => void
  /** The subprotocols to ask for. */
  subprotocols?: string | readonly string[]
}

/** `headers` go into the handshake; other properties are set on the raw request that the server reads. */
export type UpgradeContext<RawRequest = IncomingMessage> = Partial<Omit<RawRequest, 'headers'>> & {
  headers?: Readonly<Record<string, string | readonly string[] | undefined>>
}

export type InjectWS<RawRequest = IncomingMessage> = (
  path?: string,
  upgradeContext?: UpgradeContext<RawRequest>,
  options?: InjectWSOption,
) => Promise<InjectedWebSocket>

/** What programs for @fastify/websocket give as `options`: those of the server class of the package `ws`. */
export interface WsServerOptions {
  /** The longest message a peer may send, in bytes; 0 for any. Default 1 MiB; in `ws` it is 100 MiB. */
  maxPayload?: number
  maxFragments?: number
  closeTimeout?: number
  perMessageDeflate?: boolean | (Omit<PerMessageDeflateOptions, 'memory' | 'zlibDeflateOptions'> & object)
  /** Whether `app.websocketServer.clients` is there. Default true. */
  clientTracking?: boolean
  /** Is asked behind the hooks of the route. */
  verifyClient?: VerifyClient
  /** Picks a subprotocol; false for none. Default: the first that the client offers. */
  handleProtocols?: (protocols: Set<string>, request: IncomingMessage) => string | false | undefined
  server?: HttpServer
  /** Without effect, but for a warning: the routes decide. */
  path?: string
  /** Taken for compatibility, and without effect. */
  allowSynchronousEvents?: boolean
  /** Taken for compatibility, and without effect. */
  autoPong?: boolean
  /** Taken for compatibility, and without effect. */
  maxBufferedChunks?: number
  /** Taken for compatibility, and without effect. */
  maxPendingAutoPongs?: number
  /** Taken for compatibility, and without effect. */
  skipUTF8Validation?: boolean
}
