/** The time of the server, which is what readings carry; it stands still while nobody wants charts to move. */
export class ServerClock {
  #ahead = 0
  #stoppedAt

  /** The server has said what time it is. */
  set(now) {
    this.#ahead = now - Date.now()
  }

  /** In milliseconds since 1970. */
  now() {
    return this.#stoppedAt ?? Date.now() + this.#ahead
  }

  get isRunning() {
    return this.#stoppedAt === undefined
  }

  stop() {
    this.#stoppedAt = this.now()
  }

  run() {
    this.#stoppedAt = undefined
  }
}
