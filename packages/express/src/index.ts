export type {
  RouteMiddleware,
  RoutePath,
  RouteRequest,
  UpwireOptions,
  WebSocketApplication,
  WebSocketRoutes,
  WebSockets,
} from './express-types.ts'
export { upwire } from './upwire.ts'
