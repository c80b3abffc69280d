const FIRST_DELAY = 500
const LONGEST_DELAY = 8000

/**
 * A connection to a gateway that comes back by itself, later after each failure. Messages are Nest's `{ event, data }`:
 * each event of the server is an event here, its `detail` the data. `lost` comes each time that a connection ends or
 * cannot be made.
 */
export class GatewayConnection extends EventTarget {
  #url
  #socket
  #failures = 0
  #retry

  constructor(url) {
    super()
    this.#url = url
  }

  connect() {
    clearTimeout(this.#retry)
    this.#retry = undefined
    const socket = new WebSocket(this.#url)
    this.#socket = socket
    socket.addEventListener('message', ({ data }) => {
      this.#failures = 0
      const message = JSON.parse(data)
      this.#tell(message.event, message.data)
    })
    socket.addEventListener('close', () => {
      this.#retry = setTimeout(() => this.connect(), this.#delay())
      this.#failures += 1
      this.#tell('lost')
    })
  }

  /** False where there is no connection to send it over. */
  send(event, data) {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false
    this.#socket.send(JSON.stringify({ event, data }))
    return true
  }

  /** Tries at once if it is waiting to: the network or the user has come back. */
  hurry() {
    if (this.#retry !== undefined) this.connect()
  }

  /** Random, so that not all pages return at once. */
  #delay() {
    return Math.min(LONGEST_DELAY, FIRST_DELAY * 2 ** this.#failures) * (0.5 + Math.random() / 2)
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }))
  }
}
