/** What the sibling plugins are built on. It may change with any release; programs import `@upwire/core`. */
export {
  InjectedSocket,
  type InjectOptions,
  inject,
  RefusedInjection,
} from './client/inject.ts'
export { duplexPair } from './client/memory-duplex.ts'
export { HandshakeError, type HandshakeErrorCode, handshakeError } from './handshake/handshake-error.ts'
export { isWebSocketUpgrade, type OpeningRequest, requestPath } from './handshake/opening-request.ts'
export type { Rejection } from './handshake/opening-response.ts'
export { reasonPhrase } from './handshake/reason-phrase.ts'
export { isBytes, isPayload } from './protocol/payload.ts'
export { type Handler, type HandlerHooks, resolveHandler } from './routing/handler.ts'
export { nearestName, suggestion } from './routing/nearest-name.ts'
export { type PathMatch, PathTable } from './routing/path-table.ts'
export { faultOf, isRejection, Refusal, toRejection } from './routing/refusal.ts'
export { type Agreement, type ConnectionRegistry, type Decision, Route } from './routing/route.ts'
export {
  checkRouteOptions,
  type ResolvedRouteOptions,
  ROUTE_OPTION_NAMES,
  type RouteOptions,
  resolveRouteOptions,
} from './routing/route-options.ts'
export { UpgradeRejection } from './routing/upgrade-rejection.ts'
export { type AgreedUpgrade, accept, type Upgrade } from './server/accept.ts'
export { type Attachment, attach } from './server/attach.ts'
export { type ConnectionStats, Connections } from './server/connections.ts'
export { errorPath, logError, type OnError } from './server/error-path.ts'
export type { HttpServer } from './server/http-server.ts'
export { PendingHandshake, pendingHandshakeOf } from './server/pending-handshake.ts'
export { refuse, refuseFor } from './server/refuse.ts'
export { checkShutdownOptions, DEFAULT_DEADLINE, type ShutdownOptions } from './server/shutdown.ts'
export { shapeBinary } from './websocket/binary-type.ts'
export type { SocketEvents } from './websocket/socket-events.ts'
export { isThenable, settle } from './websocket/user-code.ts'
