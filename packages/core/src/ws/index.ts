import { WebSocket } from './websocket.ts'
import { WebSocketServer } from './websocket-server.ts'

// What `require('ws')` gives is the class, and everything else hangs on it.
Object.assign(WebSocket, { WebSocket, WebSocketServer, Server: WebSocketServer })

export type {
  AddressInfo,
  CertMeta,
  ClientOptions,
  CloseEvent,
  Data,
  ErrorEvent,
  Event,
  EventListenerOptions,
  FinishRequestCallback,
  MessageEvent,
  PerMessageDeflateOptions,
  RawData,
  ServerOptions,
  VerifyClientCallbackAsync,
  VerifyClientCallbackSync,
} from './types.ts'
export { WebSocket, WebSocket as default, WebSocketServer }
