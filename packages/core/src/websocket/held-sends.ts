import type { SendCallback } from './send-queue.ts'

/** One frame to come, in its turn. */
interface HeldSend {
  /** What it is made of, where that has to be read first. */
  readonly blob?: Blob
  readonly bytes: number
  readonly callback: SendCallback | undefined
  /** `payload` is the blob's. */
  send(payload: Uint8Array): void
}

const NOTHING = new Uint8Array(0)

/** Of connections that read a Blob to send it: so few that no connection has a field for it. */
let holding: Map<object, HeldSends> | undefined

/**
 * What a connection sends from the moment on that it sends a Blob, whose bytes have to be read first: everything leaves in
 * the order in which it was sent.
 */
export class HeldSends {
  readonly #held: HeldSend[] = []
  readonly #connection: object
  readonly #over: (error?: unknown) => void
  #bytes = 0

  private constructor(connection: object, over: (error?: unknown) => void) {
    this.#connection = connection
    this.#over = over
  }

  /** What the connection holds back, from `begin` until nothing waits. */
  static of(connection: object): HeldSends | undefined {
    return holding?.get(connection)
  }

  /** `over` is called once: when nothing waits any more, or with the error of a Blob that cannot be read. */
  static begin(connection: object, over: (error?: unknown) => void): HeldSends {
    const held = new HeldSends(connection, over)
    holding ??= new Map()
    holding.set(connection, held)
    return held
  }

  get bytes(): number {
    return this.#bytes
  }

  put(held: HeldSend): void {
    this.#bytes += held.bytes
    if (this.#held.push(held) === 1) this.#sendNext()
  }

  /** Nothing that waits will be sent: everybody is told why, and what is still read is forgotten. */
  abandon(reason: Error): void {
    this.#bytes = 0
    for (const { callback } of this.#held.splice(0)) callback?.(reason)
    this.#forget()
  }

  #sendNext(): void {
    for (let next = this.#held.at(0); next; next = this.#held.at(0)) {
      if (next.blob) return this.#read(next, next.blob)
      this.#send(next, NOTHING)
    }
    this.#forget()
    this.#over()
  }

  #forget(): void {
    holding?.delete(this.#connection)
    if (holding?.size === 0) holding = undefined
  }

  #read(held: HeldSend, blob: Blob): void {
    const isWaiting = () => this.#held.at(0) === held
    blob.arrayBuffer().then(
      (bytes) => {
        if (!isWaiting()) return
        this.#send(held, new Uint8Array(bytes))
        this.#sendNext()
      },
      (error) => {
        if (!isWaiting()) return
        this.abandon(error)
        this.#over(error)
      },
    )
  }

  #send(held: HeldSend, payload: Uint8Array): void {
    this.#held.shift()
    this.#bytes -= held.bytes
    held.send(payload)
  }
}
