import { ASCII_LIMIT } from '../protocol/mask.ts'
import { shapeBinary } from './binary-type.ts'
import type { Message } from './hooks.ts'
import { Inbox } from './inbox.ts'
import type { IncomingParts } from './incoming-parts.ts'
import { messageEventOf } from './message-mode.ts'
import type { Handling } from './opening.ts'
import type { WebSocket } from './websocket.ts'

/** Who takes the messages of a connection. */
const Consumer = {
  /** Nobody yet: messages are held. */
  None: 0,
  /** Nobody by the route's choice: messages are dropped, until somebody listens. */
  Nowhere: 1,
  Hook: 2,
  Listeners: 3,
  Iterator: 4,
} as const

/** Why the next message has to wait: a set of reasons, messages flow when it is empty. */
const Hold = {
  None: 0,
  /** Nobody listens, or the iterator was not asked for the next one. */
  NobodyAsks: 1,
  /** The hook before is still at work. */
  HookAtWork: 2,
  /** The user called `pause()`. */
  Paused: 4,
  /** Held messages are being delivered, further up the stack. */
  Draining: 8,
  /** The event loop has to turn first. */
  Resting: 16,
} as const

const Phase = {
  /** The handler has not returned, or its promise has not settled: it may be about to listen. */
  Starting: 0,
  Started: 1,
  /** User code has failed: nothing is delivered any more. */
  Discarding: 2,
  /** Nothing will arrive any more. */
  Over: 3,
} as const

/** A message as iterators get it: whole, or to be read while it arrives. */
export type Delivered = Message | IncomingParts

/** Takes one message, or is told with `undefined` that none will come. */
export type Ask = (message: Delivered | undefined) => void

/** The connection, as its delivery sees it. */
export interface DeliveryOwner {
  /** No more messages, please: stop after the one in hand. */
  holdReading(): void
  /** Something that kept messages waiting is over. */
  deliveryAdvanced(): void
  callMessageHook(data: Message, isBinary: boolean): void
  /** Whether no two messages may come in one turn of the event loop. */
  readonly rests: boolean
  callStreamHook(parts: IncomingParts): void
  /**
   * What becomes of messages that nobody listens for. `held`: they wait, and the peer is paused when they are too much.
   * `bounded`: they wait until they are too much, or not at all where a listener was there before, and are dropped.
   * `hooked`: hooks take them, and what comes between two listeners is dropped.
   */
  readonly unheard: 'held' | 'bounded' | 'hooked'
  userError(error: unknown): void
}

/**
 * Brings messages to the user, one after the other. A message that comes while nobody listens, or while an async
 * hook works on the one before, is held, never lost; when too much is held the peer is paused.
 */
export class Delivery {
  readonly #socket: WebSocket
  readonly #owner: DeliveryOwner
  #consumer: (typeof Consumer)[keyof typeof Consumer]
  #holds: number
  #inbox: Inbox | undefined
  /** Iterators that wait, the one that asked first before the others. */
  #asks: Ask[] | undefined
  #phase: (typeof Phase)[keyof typeof Phase]

  constructor(socket: WebSocket, handling: Handling, owner: DeliveryOwner) {
    this.#socket = socket
    this.#owner = owner
    if (handling.delivery === 'listeners') this.#consumer = Consumer.None
    else this.#consumer = handling.hooks[messageEventOf(handling.messages)] ? Consumer.Hook : Consumer.Nowhere
    this.#holds = this.#consumer === Consumer.None ? Hold.NobodyAsks : Hold.None
    this.#phase = this.#consumer === Consumer.None ? Phase.Starting : Phase.Started
  }

  get isPaused(): boolean {
    return (this.#holds & Hold.Paused) !== 0
  }

  /** Whether more may be read, if only to be held. */
  get hasRoom(): boolean {
    return (this.#holds & (Hold.Paused | Hold.Resting)) === 0 && !this.#inbox?.isFull
  }

  /** Whether the handler has returned and nobody listens: what is held may never be taken. */
  get isAbandoned(): boolean {
    return this.#consumer === Consumer.None && this.#phase !== Phase.Starting
  }

  /** Whether everything that was held has been taken. */
  get isDone(): boolean {
    return (this.#holds & Hold.HookAtWork) === 0 && (this.#inbox === undefined || this.#inbox.isEmpty)
  }

  /** Whether a hook takes the messages that are to come. */
  get isHooked(): boolean {
    return this.#consumer === Consumer.Hook && this.#phase !== Phase.Over
  }

  /** Whether a loop works on a message: it has taken that, and not asked for the next. */
  get isLooping(): boolean {
    return this.#consumer === Consumer.Iterator && (this.#holds & Hold.NobodyAsks) !== 0
  }

  /** The function handler or the `open` hook has returned. Who has not listened by now may still do so later. */
  started(): void {
    if (this.#phase === Phase.Starting) this.#phase = Phase.Started
    this.#dropUnheard()
    this.#owner.deliveryAdvanced()
  }

  /** An async handler is under way. Hooks wait for `open`; listeners do not, since it may be the one that listens. */
  startsWith(result: PromiseLike<unknown>): void {
    if (this.#phase !== Phase.Starting) return this.waitFor(result)
    this.#after(result, () => this.started())
  }

  /** Holds the next message until an async hook is done with this one. */
  waitFor(result: PromiseLike<unknown>): void {
    this.#holds |= Hold.HookAtWork
    this.#after(result, () => this.#release(Hold.HookAtWork))
  }

  text(bytes: Buffer, start: number, end: number, seen: number): void {
    if (this.#holds !== Hold.None) this.#hold(bytes.subarray(start, end), false)
    else if (this.#consumer === Consumer.Hook)
      this.#owner.callMessageHook(decodeText(bytes, start, end, seen), false)
    else this.#deliver(bytes.subarray(start, end), false)
  }

  binary(bytes: Buffer, start: number, end: number): void {
    const data = bytes.subarray(start, end)
    if (this.#holds !== Hold.None) this.#hold(data, true)
    else if (this.#consumer === Consumer.Hook) this.#owner.callMessageHook(data, true)
    else this.#deliver(data, true)
  }

  /** A message begins that is read while it arrives. */
  begin(parts: IncomingParts): void {
    this.#inbox ??= new Inbox()
    this.#inbox.open(parts)
    if (this.#consumer === Consumer.Nowhere || this.#dropsAbandoned) parts.cancel()
    else if (this.#holds !== Hold.None) this.#inbox.hold(parts)
    else this.#deliver(parts, parts.isBinary)
  }

  /** A listener for messages is there now. What was held follows when the code that added it has run. */
  listen(): void {
    if (this.#phase === Phase.Discarding) return
    if (this.#consumer !== Consumer.None && this.#consumer !== Consumer.Nowhere) return
    this.#consumer = Consumer.Listeners
    if (this.#holds & Hold.NobodyAsks) process.nextTick(() => this.#release(Hold.NobodyAsks))
  }

  /** The handler has run, and nothing was held yet: what listens by now is given the messages as they are parsed. */
  begins(): void {
    if (this.#consumer === Consumer.Listeners) this.#holds &= ~Hold.NobodyAsks
  }

  /** An iterator asks for the next message. */
  ask(ask: Ask): void {
    this.#asks ??= []
    this.#asks.push(ask)
    if (this.#phase !== Phase.Discarding) this.#consumer = Consumer.Iterator
    this.#release(Hold.NobodyAsks)
    if (this.#phase === Phase.Over) this.finish()
  }

  /** An iterator was left, and `ask`, if it waits, is not answered. What arrives is held for the next one. */
  leave(ask: Ask): void {
    this.#asks = this.#asks?.filter((other) => other !== ask)
    if (this.#consumer !== Consumer.Iterator || this.#asks?.length) return
    this.#consumer = Consumer.None
    this.#holds |= Hold.NobodyAsks
    this.#dropUnheard()
    this.#owner.deliveryAdvanced()
  }

  /** Nothing will come any more: iterators that ask are told so. */
  finish(): void {
    const asks = this.#asks
    this.#phase = Phase.Over
    this.#asks = undefined
    asks?.forEach((ask) => {
      ask(undefined)
    })
  }

  pause(): void {
    this.#holds |= Hold.Paused
    this.#owner.holdReading()
  }

  resume(): void {
    this.#release(Hold.Paused)
    this.#owner.deliveryAdvanced()
  }

  /** Nothing more before the event loop has turned. */
  rest(): void {
    if (this.#holds & Hold.Resting) return
    this.#holds |= Hold.Resting
    this.#owner.holdReading()
    setImmediate(() => {
      this.#release(Hold.Resting)
      this.#owner.deliveryAdvanced()
    })
  }

  /** Drops what is held and what is still to come. */
  discard(): void {
    if (this.#phase !== Phase.Over) this.#phase = Phase.Discarding
    this.#consumer = Consumer.Nowhere
    this.#inbox?.cut()
    this.#inbox = undefined
    this.#holds &= ~Hold.NobodyAsks
  }

  #hold(data: Buffer, isBinary: boolean): void {
    this.#inbox ??= new Inbox()
    this.#inbox.put(data, isBinary)
    this.#dropUnheard()
    if (this.#inbox?.isFull) this.#owner.holdReading()
  }

  #dropUnheard(): void {
    if (this.#inbox?.isFull && this.#dropsAbandoned) this.#inbox.drop()
  }

  get #dropsAbandoned(): boolean {
    return this.isAbandoned && this.#owner.unheard === 'bounded'
  }

  /** Goes on when user code is done, whatever becomes of it: the `then` of a thenable is user code, too. */
  #after(result: PromiseLike<unknown>, goOn: () => void): void {
    Promise.resolve(result).then(goOn, (error) => {
      this.#owner.userError(error)
      goOn()
    })
  }

  #release(hold: number): void {
    if ((this.#holds & hold) === 0) return
    this.#holds &= ~hold
    if (this.#holds !== Hold.None) return
    this.#holds = Hold.Draining
    while (this.#holds === Hold.Draining) {
      const held = this.#inbox?.take()
      if (!held) break
      const { data, isBinary } = held
      if (this.#consumer !== Consumer.Hook || !Buffer.isBuffer(data)) this.#deliver(data, isBinary)
      else if (isBinary) this.#owner.callMessageHook(data, true)
      else this.#owner.callMessageHook(data.toString(), false)
      if (this.#owner.rests) this.rest()
    }
    this.#holds &= ~Hold.Draining
    this.#owner.deliveryAdvanced()
  }

  #deliver(data: Buffer | IncomingParts, isBinary: boolean): void {
    if (this.#consumer === Consumer.Listeners) {
      try {
        if (this.#emit(data, isBinary) === false) this.#unheard(data, isBinary)
      } catch (error) {
        this.#owner.userError(error)
      }
    } else if (this.#consumer === Consumer.Iterator) {
      const ask = this.#asks?.shift()
      if (!this.#asks?.length) this.#holds |= Hold.NobodyAsks
      ask?.(isBinary || !Buffer.isBuffer(data) ? data : data.toString())
    } else if (!Buffer.isBuffer(data)) {
      this.#owner.callStreamHook(data)
    }
  }

  /** Returns false where nobody listens. */
  #emit(data: Buffer | IncomingParts, isBinary: boolean): boolean {
    if (!Buffer.isBuffer(data)) return this.#socket.emit('stream', data.message)
    return this.#socket.emit(
      'message',
      isBinary ? shapeBinary(data, this.#socket.binaryType) : data,
      isBinary,
    )
  }

  /** The last listener has gone: the message waits for another one, in front of those behind it. */
  #unheard(data: Buffer | IncomingParts, isBinary: boolean): void {
    if (this.#owner.unheard !== 'held') {
      if (!Buffer.isBuffer(data)) data.cancel()
      return
    }
    this.#consumer = Consumer.None
    this.#holds |= Hold.NobodyAsks
    this.#inbox ??= new Inbox()
    this.#inbox.putBack(data, isBinary)
    if (this.#inbox.isFull) this.#owner.holdReading()
  }
}

/** ASCII, which most texts are, is read the fast way: byte by byte into a one-byte string. */
export function decodeText(bytes: Buffer, start: number, end: number, seen: number): string {
  return bytes.toString(seen < ASCII_LIMIT ? 'latin1' : 'utf8', start, end)
}
