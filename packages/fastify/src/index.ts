import './augmentations.ts'

export { UpgradeRejection } from '@upwire/core'
export type { RouteOptions } from 'fastify'
export type {
  ErrorHandler,
  InjectWS,
  InjectWSOption,
  MessageSocket,
  ReplySocket,
  UpgradeContext,
  UpwireOptions,
  UpwireOptions as WebsocketPluginOptions,
  WebSocketHandler,
  WebSocketHandlerFunction,
  WebSocketHooks,
  WebSocketRouteOptions,
  WebsocketHandler,
  WsServerOptions,
} from './fastify-types.ts'
export { WebSocket } from './socket.ts'
export {
  upwire,
  upwire as default,
  upwire as fastifyWebsocket,
  /** What `require('@upwire/fastify')` gives: the plugin itself, with its names on it. */
  upwire as 'module.exports',
} from './upwire.ts'
export type { WebSocketServer } from './websocket-server.ts'
