import type { EventEmitter } from 'node:events'

/** The events that have a DOM face (HTML Standard, WebSocket interface). The others are Node's alone. */
export const EVENT_TYPES = ['open', 'message', 'close', 'error'] as const

export type EventType = (typeof EVENT_TYPES)[number]

/** What a DOM-style listener gets. */
export interface SocketEvent<Target = unknown> {
  readonly type: EventType
  readonly target: Target
}

export interface MessageEvent<Target = unknown> extends SocketEvent<Target> {
  /** Text as a string, binary as `binaryType` says. */
  readonly data: string | Buffer | ArrayBuffer | Buffer[] | Blob
}

export interface CloseEvent<Target = unknown> extends SocketEvent<Target> {
  readonly code: number
  readonly reason: string
  /** Whether both Close frames went through. */
  readonly wasClean: boolean
}

export interface ErrorEvent<Target = unknown> extends SocketEvent<Target> {
  readonly error: unknown
  readonly message: string
}

export interface EventTypes<Target = unknown> {
  open: SocketEvent<Target>
  message: MessageEvent<Target>
  close: CloseEvent<Target>
  error: ErrorEvent<Target>
}

export type EventListener<Event = never> =
  | ((event: Event) => unknown)
  | { handleEvent(event: Event): unknown }

/** A method's type, so that a socket of some data is a socket of any: its listeners are only ever given itself. */
export type AttributeListener<Event> = { listen(event: Event): unknown }['listen']

/** The wrappers that stand in an emitter's listener list for DOM-style listeners. */
interface Wrapper {
  (...args: unknown[]): unknown
  [LISTENER]?: EventListener
  [IS_ATTRIBUTE]?: true
}

const LISTENER = Symbol('listener')
const IS_ATTRIBUTE = Symbol('is an on… attribute')

/** Adds a DOM-style listener to a Node emitter. Unknown types and repeated listeners are ignored, as the DOM has it. */
export function addEventListener(
  target: EventEmitter,
  type: string,
  listener: EventListener,
  options: { once?: boolean } = {},
): void {
  if (!isEventType(type) || findWrapper(target, type, listener)) return
  const wrapper = wrap(target, type, listener)
  if (options.once) target.once(type, wrapper)
  else target.on(type, wrapper)
}

export function removeEventListener(target: EventEmitter, type: string, listener: EventListener): void {
  const wrapper = isEventType(type) ? findWrapper(target, type, listener) : undefined
  if (wrapper) target.removeListener(type, wrapper)
}

/** What `socket.on<type> = …` was set to, or null. */
export function getAttribute(target: EventEmitter, type: EventType): EventListener | null {
  return findAttribute(target, type)?.[LISTENER] ?? null
}

/** Sets, replaces or, with anything that is no function, clears the one `on<type>` listener. */
export function setAttribute(target: EventEmitter, type: EventType, listener: unknown): void {
  const previous = findAttribute(target, type)
  if (previous) target.removeListener(type, previous)
  if (typeof listener !== 'function') return
  const wrapper = wrap(target, type, listener as EventListener)
  wrapper[IS_ATTRIBUTE] = true
  target.on(type, wrapper)
}

function isEventType(type: string): type is EventType {
  return (EVENT_TYPES as readonly string[]).includes(type)
}

function findWrapper(target: EventEmitter, type: EventType, listener: EventListener): Wrapper | undefined {
  const isIt = (wrapper: Wrapper) => wrapper[LISTENER] === listener && !wrapper[IS_ATTRIBUTE]
  return (target.listeners(type) as Wrapper[]).find(isIt)
}

function findAttribute(target: EventEmitter, type: EventType): Wrapper | undefined {
  return (target.listeners(type) as Wrapper[]).find((wrapper) => wrapper[IS_ATTRIBUTE])
}

function wrap(target: EventEmitter, type: EventType, listener: EventListener): Wrapper {
  const wrapper: Wrapper = (...args) => {
    const event = { type, target, ...details(type, args) } as never
    return typeof listener === 'function'
      ? listener.call(target as never, event)
      : listener.handleEvent(event)
  }
  wrapper[LISTENER] = listener
  return wrapper
}

function details(type: EventType, args: unknown[]): object {
  if (type === 'message') {
    const [data, isBinary] = args
    return { data: !isBinary && Buffer.isBuffer(data) ? String(data) : data }
  }
  if (type === 'close') {
    const [code, reason] = args
    return { code, reason: String(reason), wasClean: code !== 1006 }
  }
  if (type === 'error') {
    const [error] = args
    return { error, message: (error as Error).message }
  }
  return {}
}
