import { ReadyState, type WebSocket } from '@upwire/core'
import { isBytes, isThenable, shapeBinary } from '@upwire/core/internal'
import { isObservable, type Observable, Subscription } from 'rxjs'
import type { Codec } from './codec.ts'
import type { EventHandler } from './event-handler.ts'
import { BINARY_MESSAGE } from './subscribe-binary.ts'

/** The longest name of an event that is said back, in characters. */
const MAX_NAME_LENGTH = 64

export interface DispatchOptions {
  readonly codec: Codec
  /** Told the first mistake of each connection. */
  readonly onMistake: (mistake: string) => void
  /** Told what fails here beside handlers: a response that cannot be written. */
  readonly onFault: (error: unknown) => void
}

/** Brings the messages of one path to its handlers, and what these return back to the peer. */
export class MessageDispatch {
  readonly #handlers = new Map<unknown, EventHandler[]>()
  readonly #options: DispatchOptions
  readonly #mistaken = new WeakSet<WebSocket>()
  /** The Observables that are being sent; those of a connection that has closed are over at once. */
  readonly #streams = new WeakMap<WebSocket, Subscription>()

  constructor(options: DispatchOptions) {
    this.#options = options
  }

  /** Whether there is nothing to dispatch to. */
  get isEmpty(): boolean {
    return this.#handlers.size === 0
  }

  /** Several gateways of a path may take the same event. */
  add(event: unknown, handler: EventHandler): void {
    const handlers = this.#handlers.get(event)
    if (handlers) handlers.push(handler)
    else this.#handlers.set(event, [handler])
  }

  /**
   * Listeners of the socket are told too, and then mistakes are left to them. Gives a promise only when a handler does: it
   * never rejects, and the next message may wait for it.
   */
  dispatch(socket: WebSocket, data: string | Buffer, isBinary: boolean): PromiseLike<unknown> | undefined {
    if (socket.listenerCount('message') > 0) tellListeners(socket, data, isBinary)
    const binaryHandlers = isBinary ? this.#handlers.get(BINARY_MESSAGE) : undefined
    if (binaryHandlers) return this.#runAll(binaryHandlers, socket, data, BINARY_MESSAGE)
    try {
      const message = this.#options.codec.decode(data, isBinary)
      if (!message) return undefined
      const handlers = this.#handlers.get(message.event)
      if (handlers?.length === 1) return this.#run(handlers[0], socket, message.data, message.event)
      if (handlers) return this.#runAll(handlers, socket, message.data, message.event)
      if (isThenable(message)) return this.#objectToPromise(socket, message)
      return this.#objectTo(socket, `There is no handler for the event ${nameOf(message.event)}`)
    } catch (error) {
      return this.#objectToUnread(socket, error)
    }
  }

  /** The connection has closed: nothing is to be sent any more. */
  closed(socket: WebSocket): void {
    this.#streams.get(socket)?.unsubscribe()
    this.#streams.set(socket, Subscription.EMPTY)
  }

  /** Sends what a handler has returned, bytes as they are, unless the peer has gone. */
  reply(socket: WebSocket, response: unknown): void {
    if (socket.readyState !== ReadyState.OPEN) return
    try {
      socket.send(isBytes(response) ? response : this.#options.codec.encode(response))
    } catch (error) {
      this.#options.onFault(error)
    }
  }

  #runAll(
    handlers: readonly EventHandler[],
    ...message: [WebSocket, unknown, unknown]
  ): Promise<unknown> | undefined {
    const waited = handlers.map((handler) => this.#run(handler, ...message)).filter(isThenable)
    return waited.length > 0 ? Promise.all(waited) : undefined
  }

  #run(
    { handle, isIntercepted }: EventHandler,
    socket: WebSocket,
    data: unknown,
    event: unknown,
  ): PromiseLike<unknown> | undefined {
    const result = handle(socket, data, event)
    return this.#answer(socket, result, isIntercepted)
  }

  #answer(socket: WebSocket, result: unknown, isIntercepted: boolean): PromiseLike<unknown> | undefined {
    if (result === undefined || result === null) return undefined
    if (isThenable(result)) return result.then((value) => this.#answer(socket, value, isIntercepted))
    if (!isObservable(result)) {
      this.reply(socket, result)
      return undefined
    }
    const begun = this.#stream(socket, result)
    return isIntercepted ? begun : undefined
  }

  /** Sends each result until the connection closes. Resolves when there is one, or will be none. */
  #stream(socket: WebSocket, results: Observable<unknown>): Promise<void> {
    return new Promise((begun) => {
      const subscription = results.subscribe({
        next: (result) => {
          if (result !== undefined && result !== null) this.reply(socket, result)
          begun()
        },
        error: this.#options.onFault,
      })
      subscription.add(begun)
      if (!subscription.closed) this.#streamsOf(socket).add(subscription)
    })
  }

  #streamsOf(socket: WebSocket): Subscription {
    const known = this.#streams.get(socket)
    if (known) return known
    const streams = new Subscription()
    this.#streams.set(socket, streams)
    return streams
  }

  /** A codec that is async would bring messages out of their order. */
  #objectToPromise(socket: WebSocket, message: PromiseLike<unknown>): PromiseLike<undefined> {
    return message.then(
      () => this.#objectToUnread(socket, 'its codec gives a promise, and has to give the message'),
      (error) => this.#objectToUnread(socket, error),
    )
  }

  #objectToUnread(socket: WebSocket, error: unknown): undefined {
    const why = error instanceof Error ? error.message : error
    return this.#objectTo(socket, `The message cannot be read: ${why}`)
  }

  #objectTo(socket: WebSocket, message: string): undefined {
    if (socket.listenerCount('message') > 0) return
    this.reply(socket, { event: 'exception', data: { status: 'error', message } })
    if (this.#mistaken.has(socket)) return
    this.#mistaken.add(socket)
    this.#options.onMistake(message)
  }
}

function tellListeners(socket: WebSocket, data: string | Buffer, isBinary: boolean): void {
  const copy = Buffer.from(data as string)
  socket.emit('message', isBinary ? shapeBinary(copy, socket.binaryType) : copy, isBinary)
}

function nameOf(event: unknown): string {
  const name = typeof event === 'string' ? JSON.stringify(event) : String(event)
  return name.length > MAX_NAME_LENGTH ? `${name.slice(0, MAX_NAME_LENGTH)}…` : name
}
