import { nextId } from './outbox.js'

/** A page that has just drawn a history is busy: it would measure itself. */
const FIRST_ROUND = 500
const INTERVAL = 4000

/**
 * Measures how long a message takes to the server and back, every few seconds while there is a connection. One that
 * does not answer until the next round is dropped.
 */
export class RoundTrip {
  #socket
  #show
  #timer
  #asked

  /** `show` is called with milliseconds, or with undefined while nothing is known. */
  constructor(socket, show) {
    this.#socket = socket
    this.#show = show
  }

  start() {
    this.stop()
    this.#timer = setTimeout(() => this.#round(), FIRST_ROUND)
  }

  stop() {
    clearTimeout(this.#timer)
    this.#asked = undefined
    this.#show(undefined)
  }

  answered(id) {
    if (id !== this.#asked?.id) return
    this.#show(performance.now() - this.#asked.at)
    this.#asked = undefined
  }

  #round() {
    if (this.#asked !== undefined) {
      this.#socket.drop()
      return
    }
    this.#asked = { id: nextId(), at: performance.now() }
    this.#socket.send({ type: 'ping', id: this.#asked.id })
    this.#timer = setTimeout(() => this.#round(), INTERVAL)
  }
}
