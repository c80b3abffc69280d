import type { EventEmitter } from 'node:events'
import {
  type AttributeListener,
  addEventListener,
  EVENT_TYPES,
  type EventListener,
  type EventType,
  type EventTypes,
  getAttribute,
  removeEventListener,
  setAttribute,
} from './event-target.ts'
import { LazyEmitter } from './lazy-emitter.ts'
import type { SocketEvents } from './socket-events.ts'

/** Enumerable, as those of a browser's WebSocket are. */
const PROPERTIES = [
  'binaryType',
  'bufferedAmount',
  'extensions',
  'isPaused',
  'protocol',
  'readyState',
  'url',
] as const

/**
 * What a browser's WebSocket has and an emitter of Node has not, for the class `Socket`. `defineDomFace` brings what is only
 * declared here.
 */
export abstract class DomFace<Socket> extends LazyEmitter<SocketEvents> {
  declare static readonly CONNECTING: 0
  declare static readonly OPEN: 1
  declare static readonly CLOSING: 2
  declare static readonly CLOSED: 3
  declare readonly CONNECTING: 0
  declare readonly OPEN: 1
  declare readonly CLOSING: 2
  declare readonly CLOSED: 3

  declare onopen: AttributeListener<EventTypes<this>['open']> | null
  declare onmessage: AttributeListener<EventTypes<this>['message']> | null
  declare onclose: AttributeListener<EventTypes<this>['close']> | null
  declare onerror: AttributeListener<EventTypes<this>['error']> | null

  /** Listens as on a browser's WebSocket: 'open', 'message', 'close' and 'error' are known, others are ignored. */
  addEventListener<Type extends EventType>(
    type: Type,
    listener: EventListener<EventTypes<Socket>[Type]>,
    options?: { once?: boolean },
  ): void {
    addEventListener(this, type, listener, options)
  }

  removeEventListener<Type extends EventType>(
    type: Type,
    listener: EventListener<EventTypes<Socket>[Type]>,
  ): void {
    removeEventListener(this, type, listener)
  }
}

/**
 * Gives a class what its declaration cannot say: the constants of `states` on the class and its sockets, getters that are
 * listed, and an `on…` attribute for each event (HTML Standard, WebSocket interface).
 */
export function defineDomFace(
  socketClass: { readonly prototype: object },
  states: Readonly<Record<string, number>>,
): void {
  const { prototype } = socketClass
  for (const [name, value] of Object.entries(states)) {
    Object.defineProperty(socketClass, name, { enumerable: true, value })
    Object.defineProperty(prototype, name, { enumerable: true, value })
  }
  for (const name of PROPERTIES) Object.defineProperty(prototype, name, { enumerable: true })
  for (const type of EVENT_TYPES) {
    Object.defineProperty(prototype, `on${type}`, {
      configurable: true,
      enumerable: true,
      get(this: EventEmitter) {
        return getAttribute(this, type)
      },
      set(this: EventEmitter, listener: unknown) {
        setAttribute(this, type, listener)
      },
    })
  }
}
