import type { EventEmitter } from 'node:events'
import { EVENT_TYPES, getAttribute, setAttribute } from './event-target.ts'

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
