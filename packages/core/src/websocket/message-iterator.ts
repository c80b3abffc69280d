import type { Ask, Delivered, Delivery } from './delivery.ts'
import type { Message } from './hooks.ts'

type Result<Item> = IteratorResult<Item, undefined>

const DONE: Result<never> = { done: true, value: undefined }

/**
 * The messages of a connection for `for await`: text as a string, binary as a Buffer. Nothing is read ahead of the loop
 * but what the bound on held messages allows. The loop ends when the connection is closed, with whatever code;
 * leaving it early keeps the connection, and its messages wait for the next loop. Loops that run at the same time share
 * the messages.
 */
export class MessageIterator<Item extends Delivered = Message>
  implements AsyncIterableIterator<Item, undefined>
{
  readonly #delivery: Delivery
  #isOver = false
  /** Calls to `next()` that wait for a message, the oldest first. */
  readonly #waiting: ((result: Result<Item>) => void)[] = []

  constructor(delivery: Delivery) {
    this.#delivery = delivery
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  next(): Promise<Result<Item>> {
    if (this.#isOver) return Promise.resolve(DONE)
    return new Promise((resolve) => {
      if (this.#waiting.push(resolve) === 1) this.#delivery.ask(this.#take)
    })
  }

  return(): Promise<Result<Item>> {
    if (!this.#isOver) {
      this.#finish()
      this.#delivery.leave(this.#take)
    }
    return Promise.resolve(DONE)
  }

  readonly #take: Ask = (value) => {
    if (value === undefined) return this.#finish()
    this.#waiting.shift()?.({ done: false, value: value as Item })
    if (this.#waiting.length > 0) this.#delivery.ask(this.#take)
  }

  #finish(): void {
    this.#isOver = true
    for (const resolve of this.#waiting.splice(0)) resolve(DONE)
  }
}
