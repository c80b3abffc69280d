import { EventEmitter } from 'node:events'

/** Called with the event when a listener was added. */
export const LISTENER_ADDED = Symbol('listener added')

type Listener = (...args: unknown[]) => void

/**
 * An EventEmitter that sets itself up with its first listener, and captures rejections of async ones. Most sockets are
 * served by hooks and never have a listener; the table that `new EventEmitter()` makes would be the largest part of such
 * a socket. Node's emitter methods take an emitter without a table for one without listeners.
 */
class Lazy {
  on(event: string | symbol, listener: Listener): this {
    return add(this, EventEmitter.prototype.on, event, listener)
  }

  addListener(event: string | symbol, listener: Listener): this {
    return this.on(event, listener)
  }

  prependListener(event: string | symbol, listener: Listener): this {
    return add(this, EventEmitter.prototype.prependListener, event, listener)
  }

  [LISTENER_ADDED](_event: string | symbol): void {}
}

Object.setPrototypeOf(Lazy.prototype, EventEmitter.prototype)

function add<Emitter extends Lazy>(
  emitter: Emitter,
  method: (event: string | symbol, listener: Listener) => unknown,
  event: string | symbol,
  listener: Listener,
): Emitter {
  const { _events: table } = emitter as { _events?: object }
  if (table === undefined) Reflect.apply(EventEmitter, emitter, [{ captureRejections: true }])
  method.call(emitter, event, listener)
  emitter[LISTENER_ADDED](event)
  return emitter
}

interface Typed<Events extends Record<keyof Events, unknown[]>> extends EventEmitter<Events> {
  [LISTENER_ADDED](event: string | symbol): void
}

/** Typed as Node types an emitter with an event map. */
export const LazyEmitter = Lazy as unknown as new <
  Events extends Record<keyof Events, unknown[]>,
>() => Typed<Events>
