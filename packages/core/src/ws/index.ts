import * as extension from './extension.ts'
import { PerMessageDeflate } from './per-message-deflate.ts'
import { Receiver } from './receiver.ts'
import { Sender } from './sender.ts'
import * as subprotocol from './subprotocol.ts'
import { WebSocket } from './websocket.ts'
import { WebSocketServer } from './websocket-server.ts'
import { createWebSocketStream } from './websocket-stream.ts'

// What `require('ws')` gives is the class, and everything else hangs on it.
Object.assign(WebSocket, {
  createWebSocketStream,
  extension,
  PerMessageDeflate,
  Receiver,
  Sender,
  Server: WebSocketServer,
  subprotocol,
  WebSocket,
  WebSocketServer,
})

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
  WebSocketEventMap,
} from './types.ts'
export {
  createWebSocketStream,
  extension,
  PerMessageDeflate,
  Receiver,
  Sender,
  subprotocol,
  WebSocket,
  WebSocket as default,
  WebSocketServer,
}
