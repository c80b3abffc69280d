import { WebSocket as CoreWebSocket, type SendOptions } from '@upwire/core'
import type { InjectedSocket, SocketEvents } from '@upwire/core/internal'

/** A binary message in any shape that `binaryType` may ask for but 'blob', and text as a Buffer, as `@types/ws` has it. */
type RawData = Buffer | ArrayBuffer | Buffer[]

interface KnownEvents extends Omit<SocketEvents, 'message'> {
  message: [data: RawData, isBinary: boolean]
}

type Sendable = Exclude<Parameters<CoreWebSocket['send']>[0], false | null | undefined> | RawData

/** Of control frames: `@types/ws` does not say that there may be no error. */
type Callback = (error: Error) => void

type AnyListener = (...args: never) => unknown

/** What the target of an event has in this class as in that of `@types/ws`. */
interface EventTarget {
  readonly readyState: number
  readonly protocol: string
  send(data: string | Uint8Array): unknown
  close(code?: number, reason?: string): void
  terminate(): void
}

interface SocketEvent {
  readonly type: string
  readonly target: EventTarget
}

interface MessageEvent extends SocketEvent {
  readonly data: string | RawData | Blob
}

interface CloseEvent extends SocketEvent {
  readonly code: number
  readonly reason: string
  readonly wasClean: boolean
}

interface ErrorEvent extends SocketEvent {
  readonly error: unknown
  readonly message: string
}

interface EventTypes {
  open: SocketEvent
  message: MessageEvent
  close: CloseEvent
  error: ErrorEvent
}

type AnyEventListener = AnyListener | { handleEvent(event: never): unknown }

/**
 * A connection: core's `WebSocket`, typed so that programs written with `@types/ws` need no change. Listeners of known
 * events know their arguments, and others are taken; the socket may be given to what takes one of the package `ws`.
 */
export interface WebSocket<Data = unknown> extends CoreWebSocket<Data> {
  binaryType: 'nodebuffer' | 'arraybuffer' | 'fragments'
  onopen: ((event: SocketEvent) => unknown) | null
  onmessage: ((event: MessageEvent) => unknown) | null
  onclose: ((event: CloseEvent) => unknown) | null
  onerror: ((event: ErrorEvent) => unknown) | null

  ping(data?: Sendable, mask?: boolean, callback?: Callback): void
  ping(...given: Parameters<CoreWebSocket['ping']>): void
  pong(data?: Sendable, mask?: boolean, callback?: Callback): void
  pong(...given: Parameters<CoreWebSocket['pong']>): void
  send(data: Sendable, callback?: (error?: Error) => void): boolean
  send(data: Sendable, options?: SendOptions, callback?: (error?: Error) => void): boolean
  send(...given: Parameters<CoreWebSocket['send']>): boolean

  addEventListener<Type extends keyof EventTypes>(
    type: Type,
    listener: ((event: EventTypes[Type]) => unknown) | { handleEvent(event: EventTypes[Type]): unknown },
    options?: { once?: boolean },
  ): void
  addEventListener(type: string, listener: AnyEventListener, options?: { once?: boolean }): void
  removeEventListener(type: string, listener: AnyEventListener): void

  on<Name extends keyof KnownEvents>(
    event: Name,
    listener: (this: this, ...args: KnownEvents[Name]) => unknown,
  ): this
  on<Other = never>(event: string | symbol | Other, listener: AnyListener): this
  once<Name extends keyof KnownEvents>(
    event: Name,
    listener: (this: this, ...args: KnownEvents[Name]) => unknown,
  ): this
  once<Other = never>(event: string | symbol | Other, listener: AnyListener): this
  addListener<Name extends keyof KnownEvents>(
    event: Name,
    listener: (...args: KnownEvents[Name]) => unknown,
  ): this
  addListener<Other = never>(event: string | symbol | Other, listener: AnyListener): this
  emit<Other = never>(event: string | symbol | Other, ...args: unknown[]): boolean
  off<Other = never>(event: string | symbol | Other, listener: AnyListener): this
  removeListener<Other = never>(event: string | symbol | Other, listener: AnyListener): this
}

/** The socket of a test. */
export interface InjectedWebSocket extends WebSocket, Pick<InjectedSocket, 'next'> {}

type WebSocketClass = Omit<typeof CoreWebSocket, never> &
  (new <Data = unknown>(
    ...args: ConstructorParameters<typeof CoreWebSocket>
  ) => WebSocket<Data>)

export const WebSocket = CoreWebSocket as unknown as WebSocketClass
