import type { PageMessage, Person } from './measurements.ts'

/** What a viewer needs of a WebSocket. */
export interface ViewerSocket {
  /** False where what was sent before still waits for the peer; `drain` follows. */
  send(text: string): boolean
  close(code: number, reason: string): void
}

/** Close code for a viewer who has signed out: the page goes to sign in and does not come back by itself. */
export const SIGNED_OUT = 4401

/**
 * Somebody who looks at the dashboard. While their network cannot keep up, nothing is queued for them but the latest
 * message of each device: a viewer who was away sees what is true now, and costs no memory meanwhile.
 */
export class Viewer {
  readonly person: Person
  readonly #socket: ViewerSocket
  readonly #latest = new Map<string, string>()
  #isBehind = false

  constructor(person: Person, socket: ViewerSocket) {
    this.person = person
    this.#socket = socket
  }

  /** How many messages wait for the socket to drain: one of each device at most. */
  get waiting(): number {
    return this.#latest.size
  }

  greet(welcome: PageMessage): void {
    this.#send(JSON.stringify(welcome))
  }

  /** `text` is a message that makes those of the same device before it worthless. */
  show(deviceId: string, text: string): void {
    if (this.#isBehind) this.#latest.set(deviceId, text)
    else this.#send(text)
  }

  /** The socket takes more. */
  catchUp(): void {
    this.#isBehind = false
    for (const [deviceId, text] of this.#latest) {
      if (this.#isBehind) return
      this.#latest.delete(deviceId)
      this.#send(text)
    }
  }

  dismiss(): void {
    this.#socket.close(SIGNED_OUT, 'Signed out')
  }

  #send(text: string): void {
    this.#isBehind = !this.#socket.send(text)
  }
}
