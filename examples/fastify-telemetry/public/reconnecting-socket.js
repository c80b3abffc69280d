const FIRST_DELAY = 500
const LONGEST_DELAY = 10_000

/** Milliseconds to wait before the next try: longer after each failure, and random, so that not all pages return at once. */
export function retryDelay(failures, random = Math.random) {
  const longest = Math.min(LONGEST_DELAY, FIRST_DELAY * 2 ** failures)
  return longest * (0.5 + random() / 2)
}

/**
 * A WebSocket that comes back by itself. Messages are JSON.
 *
 * Events: `open`; `message`, its `detail` what the server sent; `lost`, its `detail` the close code, each time a
 * connection ends or cannot be made.
 */
export class ReconnectingSocket extends EventTarget {
  #url
  #socket
  #listening
  #openedAt
  #failures = 0
  #retry

  constructor(url) {
    super()
    this.#url = url
  }

  connect() {
    clearTimeout(this.#retry)
    this.#retry = undefined
    this.#listening?.abort()
    this.#listening = new AbortController()
    const { signal } = this.#listening
    const socket = new WebSocket(this.#url)
    socket.addEventListener('open', () => this.#onOpen(), { signal })
    socket.addEventListener('message', ({ data }) => this.#emit('message', JSON.parse(data)), { signal })
    socket.addEventListener('close', ({ code }) => this.#onLost(code), { signal })
    this.#socket = socket
  }

  /** False where there is no connection to send it over. */
  send(message) {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false
    this.#socket.send(JSON.stringify(message))
    return true
  }

  /** Gives up a connection that no longer answers. A dead network would keep it half closed for minutes. */
  drop() {
    this.#listening.abort()
    this.#socket.close()
    this.#onLost(1006)
  }

  /** Tries at once if it is waiting to: the network or the user has come back. */
  hurry() {
    if (this.#retry !== undefined) this.connect()
  }

  /** Ends the connection and does not come back. */
  stop() {
    clearTimeout(this.#retry)
    this.#retry = undefined
    this.#listening.abort()
    this.#socket.close()
  }

  #onOpen() {
    this.#openedAt = performance.now()
    this.#emit('open')
  }

  #onLost(code) {
    // A server that opens and closes again at once is waited for like one that is not there.
    if (performance.now() - this.#openedAt > LONGEST_DELAY) this.#failures = 0
    this.#openedAt = undefined
    this.#retry = setTimeout(() => this.connect(), retryDelay(this.#failures))
    this.#failures += 1
    this.#emit('lost', code)
  }

  #emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }))
  }
}
