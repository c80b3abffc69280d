/** What the plugin adds to the types of Fastify: the same type parameters, for its interfaces to be merged. */
import type { ParamsOf } from '@upwire/core'
import type {
  ContextConfigDefault,
  FastifyBaseLogger,
  FastifyTypeProvider,
  FastifyTypeProviderDefault,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerBase,
  RawServerDefault,
  RequestGenericInterface,
  RouteGenericInterface,
  RouteHandlerMethod,
} from 'fastify'
import type {
  InjectWS,
  MessageOf,
  SocketOf,
  WebSocketHandler,
  WebSocketHooks,
  WebSocketRouteOptions,
  WebsocketHandler,
} from './fastify-types.ts'
import type { WebSocketServer } from './websocket-server.ts'

/** What `ws()` takes beside its handler: Upwire's options of a route, and Fastify's. */
export type WsOptions<Data, Request, FastifyOptions> = WebSocketRouteOptions<Data, Request> &
  Omit<FastifyOptions, 'websocket' | 'wsHandler' | 'handler'> & {
    /** Answers plain requests. Default: 426, Upgrade Required. */
    handler?: RouteHandlerMethod
  }

/** What makes a declaration one of a WebSocket route. */
interface WebSocketDeclaration {
  /** `true`: the handler serves WebSockets. An object is that with options. */
  websocket: true | WebSocketRouteOptions
}

declare module 'fastify' {
  interface FastifySchema {
    /** What the messages of a peer must be: JSON that fits this schema. Others are answered, or end the connection. */
    message?: unknown
    /** How the objects that are sent become JSON. */
    reply?: unknown
    /**
     * What a message gets that is not JSON or does not fit: an answer `{ error: { code, message, path } }`, or the end of
     * the connection with 1007 or 1008. Default `reply`.
     */
    onInvalid?: 'reply' | 'close'
  }

  interface FastifyRequest {
    /** Whether this is an opening handshake. */
    readonly ws: boolean
  }

  interface RouteShorthandOptions<RawServer extends RawServerBase = RawServerDefault> {
    websocket?: boolean | WebSocketRouteOptions
  }

  interface FastifyInstance<RawServer, RawRequest, RawReply, Logger, TypeProvider> {
    /** The connections of this context. */
    websocketServer: WebSocketServer
    /** Opens a connection without a port, for tests: through Node's HTTP parser and everything behind it. */
    injectWS: InjectWS<RawRequest>

    /**
     * Serves WebSocket connections on `path`, behind the hooks and schemas of a GET route. The options are those of
     * Upwire and of Fastify's routes, side by side. Throws a TypeError for what cannot be used.
     */
    ws<const Path extends string, Data = undefined>(
      path: Path,
      handler: WebSocketHandler<
        Data,
        FastifyRequest<
          { Params: ParamsOf<Path> },
          RawServer,
          RawRequest,
          FastifySchema,
          TypeProvider,
          ContextConfigDefault,
          Logger
        >
      >,
    ): FastifyInstance<RawServer, RawRequest, RawReply, Logger, TypeProvider>
    ws<
      RouteGeneric extends RouteGenericInterface = RouteGenericInterface,
      Data = undefined,
      ContextConfig = ContextConfigDefault,
      const SchemaCompiler extends FastifySchema = FastifySchema,
    >(
      path: string,
      options: WsOptions<
        Data,
        FastifyRequest<
          RouteGeneric,
          RawServer,
          RawRequest,
          SchemaCompiler,
          TypeProvider,
          ContextConfig,
          Logger
        >,
        RouteShorthandOptions<
          RawServer,
          RawRequest,
          RawReply,
          RouteGeneric,
          ContextConfig,
          SchemaCompiler,
          TypeProvider,
          Logger
        >
      >,
      handler: WebSocketHandler<
        Data,
        FastifyRequest<
          RouteGeneric,
          RawServer,
          RawRequest,
          SchemaCompiler,
          TypeProvider,
          ContextConfig,
          Logger
        >,
        MessageOf<SchemaCompiler, TypeProvider>,
        SocketOf<SchemaCompiler, TypeProvider, Data>
      >,
    ): FastifyInstance<RawServer, RawRequest, RawReply, Logger, TypeProvider>

    route<
      RouteGeneric extends RouteGenericInterface = RouteGenericInterface,
      ContextConfig = ContextConfigDefault,
      const SchemaCompiler extends FastifySchema = FastifySchema,
    >(
      options: Omit<
        RouteOptions<
          RawServer,
          RawRequest,
          RawReply,
          RouteGeneric,
          ContextConfig,
          SchemaCompiler,
          TypeProvider,
          Logger
        >,
        'handler' | 'websocket'
      > &
        WebSocketDeclaration & {
          handler: WebsocketHandler<
            RawServer,
            RawRequest,
            RouteGeneric,
            ContextConfig,
            SchemaCompiler,
            TypeProvider,
            Logger
          >
        },
    ): FastifyInstance<RawServer, RawRequest, RawReply, Logger, TypeProvider>
  }

  interface RouteShorthandMethod<
    RawServer extends RawServerBase = RawServerDefault,
    RawRequest extends RawRequestDefaultExpression<RawServer> = RawRequestDefaultExpression<RawServer>,
    RawReply extends RawReplyDefaultExpression<RawServer> = RawReplyDefaultExpression<RawServer>,
    TypeProvider extends FastifyTypeProvider = FastifyTypeProviderDefault,
    Logger extends FastifyBaseLogger = FastifyBaseLogger,
  > {
    // biome-ignore lint/style/useShorthandFunctionType: only an interface can be merged with Fastify's
    <
      RequestGeneric extends RequestGenericInterface = RequestGenericInterface,
      ContextConfig = ContextConfigDefault,
      const SchemaCompiler extends FastifySchema = FastifySchema,
      InnerLogger extends Logger = Logger,
    >(
      path: string,
      options: RouteShorthandOptions<
        RawServer,
        RawRequest,
        RawReply,
        RequestGeneric,
        ContextConfig,
        SchemaCompiler,
        TypeProvider,
        InnerLogger
      > &
        WebSocketDeclaration,
      handler?: WebsocketHandler<
        RawServer,
        RawRequest,
        RequestGeneric,
        ContextConfig,
        SchemaCompiler,
        TypeProvider,
        InnerLogger
      >,
    ): FastifyInstance<RawServer, RawRequest, RawReply, InnerLogger, TypeProvider>
  }

  interface RouteOptions<
    RawServer extends RawServerBase = RawServerDefault,
    RawRequest extends RawRequestDefaultExpression<RawServer> = RawRequestDefaultExpression<RawServer>,
    RawReply extends RawReplyDefaultExpression<RawServer> = RawReplyDefaultExpression<RawServer>,
    RouteGeneric extends RouteGenericInterface = RouteGenericInterface,
    ContextConfig = ContextConfigDefault,
    SchemaCompiler = FastifySchema,
    TypeProvider extends FastifyTypeProvider = FastifyTypeProviderDefault,
    Logger extends FastifyBaseLogger = FastifyBaseLogger,
  > {
    /** Serves WebSockets beside the `handler`, which serves HTTP; hooks may stand in its place. */
    wsHandler?:
      | WebsocketHandler<
          RawServer,
          RawRequest,
          RouteGeneric,
          ContextConfig,
          SchemaCompiler & FastifySchema,
          TypeProvider,
          Logger
        >
      | WebSocketHooks
  }
}
