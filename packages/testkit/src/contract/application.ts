import type { IncomingMessage } from 'node:http'
import type {
  ConnectionHooks,
  ConnectionStats,
  HttpServer,
  Payload,
  RouteOptions,
  ShutdownOptions,
  WebSocket,
} from '@upwire/core'

/** What every framework's request has. */
export type ContractRequest = Pick<IncomingMessage, 'headers' | 'method' | 'url'>

/** The response of a step that refuses. */
export interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** Sets a header of the response; a name that is set again is sent twice, as `Set-Cookie` is. */
export type SetHeader = (name: string, value: string) => void

/**
 * What an application does with a request in front of a handler: middleware, a hook, a guard. Without an answer the
 * request goes on. It may wait, and what it throws or rejects with is an error of the application.
 */
export type Step = (
  request: ContractRequest,
  setHeader: SetHeader,
) => Answer | undefined | Promise<Answer | undefined>

export type ContractFunction = (socket: WebSocket, request: ContractRequest) => unknown

export interface ContractHooks extends ConnectionHooks {
  upgrade?(request: ContractRequest, headers: Headers): unknown
}

export type ContractHandler = ContractFunction | ContractHooks

export interface ContractOptions extends Omit<RouteOptions, 'data' | 'subprotocols'> {
  data?: (request: ContractRequest) => unknown
  subprotocols?:
    | readonly string[]
    | ((offered: readonly string[], request: ContractRequest) => string | undefined | false)
}

/** A WebSocket route. */
export interface ContractRoute {
  /** Fixed segments and `:name`. */
  readonly path: string
  readonly handler: ContractHandler
  readonly options?: ContractOptions
  /** Run in order, in front of this route alone. */
  readonly before?: readonly Step[]
}

/** A page: what a GET request of this path is answered with. */
export interface ContractPage {
  readonly path: string
  readonly body: string
  /** It is answered when this resolves. */
  readonly ready?: Promise<unknown>
}

/** An application, in the terms of no framework. */
export interface ContractApplication {
  readonly routes: readonly ContractRoute[]
  readonly pages?: readonly ContractPage[]
  /** Run in order, in front of every route. */
  readonly before?: readonly Step[]
  /** The defaults of all routes, as the router, the plugin or the adapter takes them. */
  readonly options?: ContractOptions
  /** What `close()` is told. */
  readonly shutdown?: ShutdownOptions
  /** Serve https and wss with these. */
  readonly tls?: { readonly cert: Buffer; readonly key: Buffer }
  /** Serve the routes on this server, beside another application, and not on one of its own. */
  readonly server?: HttpServer
}

/** An application that listens on 127.0.0.1. */
export interface RunningApplication {
  readonly server: HttpServer
  readonly clients: ReadonlySet<WebSocket>
  /** What has come to the place where the framework's users take errors: error middleware, an error handler, a filter. */
  readonly errors: readonly unknown[]
  publish(topic: string, data: Payload): number
  stats(): ConnectionStats
  /** Ends the application and its server as a user of the framework does. Called again it is harmless. */
  close(): Promise<void>
  /** Takes the application off its server. */
  detach?(): void
}
