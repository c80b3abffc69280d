import type { ClientRequest } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Role } from '../protocol/role.ts'
import type { ClientOptions } from './client-options.ts'
import type { LimitOptions } from './limits.ts'
import type { Opening } from './opening.ts'
import { ReadyState } from './ready-state.ts'
import type { ReceptionOptions } from './reception.ts'
import { throwUncaught } from './user-code.ts'
import type { WebSocket } from './websocket.ts'

/** A client's opening handshake, as its socket sees it: from the constructor to the connection, or to the failure. */
export interface Attempt {
  readonly url: string
  /** How many redirects were followed. */
  readonly redirects: number
  /** The one under way. */
  readonly request: ClientRequest | undefined
  /** OPEN is not among them: by then the connection says so. */
  readonly readyState: Exclude<ReadyState, typeof ReadyState.OPEN>
  start(): void
  /** Gives up, unless it has failed already. */
  abort(): void
  /** User code has failed: gives up, and reports it. */
  userError(error: unknown): void
}

/** The options of a socket that the program gives its stream to itself. */
export interface StreamOptions
  extends LimitOptions,
    ReceptionOptions,
    Pick<ClientOptions, 'generateMask' | 'messages' | 'onError'> {
  /** Which role it has: a server expects masked frames and sends none (RFC 6455 §5.1). Default true. */
  isServer?: boolean
}

/** What a connection goes by, whatever its stream. */
export type Terms = Pick<Opening, 'settings' | 'start' | 'onUserError' | 'onEnd'>

/** What `WebSocket` connects by. */
export interface Connector {
  /** Makes the attempt behind `new WebSocket(address, protocols, options)`. Throws for arguments that cannot be used. */
  attempt(
    socket: WebSocket,
    address: string | URL,
    protocols: string | readonly string[] | ClientOptions | undefined,
    options: ClientOptions | undefined,
  ): Attempt
  /** What a connection goes by that nobody had to open. Throws a TypeError for options that cannot be used. */
  terms(stream: Duplex, role: Role, options: StreamOptions): Terms
}

let connector: Connector | undefined

/** Makes `loaded` what `new WebSocket(address)` connects by: this folder opens no streams of its own. */
export function setConnector(loaded: Connector): void {
  connector = loaded
}

/** Throws where the client was not loaded. */
export function loadedConnector(): Connector {
  if (connector) return connector
  throw new Error('WebSocket cannot connect: the client of @upwire/core was not loaded')
}

/** What a socket knows of its attempt when that is over, or was given up before there was one: nobody takes its errors. */
export function attemptIsOver({ url = '', redirects = 0 }: Pick<Opening, 'url' | 'redirects'> = {}): Attempt {
  return {
    url,
    redirects,
    readyState: ReadyState.CLOSED,
    request: undefined,
    start() {},
    abort() {},
    userError: throwUncaught,
  }
}
