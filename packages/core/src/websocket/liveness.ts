import type { Limits } from './limits.ts'

/** What a heartbeat's Ping carries, to tell its Pong from the answer to a user's Ping (RFC 6455 §5.5.3). */
export const PING_PAYLOAD = Buffer.from('upwire')

/** What a connection is doing at the moment its deadlines are looked at. */
export interface Activity {
  /** The peer owes the rest of a message. */
  readonly unfinished: boolean
  /** Messages received so far. */
  readonly messages: number
  /** We do not read: silence is ours, not the peer's. */
  readonly held: boolean
  /** A Close frame was sent, or has arrived. */
  readonly closing: boolean
}

export type Verdict = 'alive' | 'ping' | 'dead' | 'idle' | 'unfinished' | 'closing too long'

/** Times are whole milliseconds of one clock. 0 stands for "not now". */
export class Liveness {
  #heardAt: number
  #activeAt: number
  #pingedAt = 0
  #unfinishedSince = 0
  #closingSince = 0
  #messages = 0
  #pingSent = 0

  /** `heardAt` is when the peer was last heard of. */
  constructor(heardAt: number) {
    this.#heardAt = heardAt
    this.#activeAt = heardAt
  }

  /** Whether no deadline is under way: when the peer was last heard of is all there is to know. */
  get isCalm(): boolean {
    return this.#pingedAt === 0 && this.#unfinishedSince === 0 && this.#closingSince === 0
  }

  /** Any byte from the peer shows that it lives. */
  heard(now: number): void {
    this.#heardAt = now
    this.#pingedAt = 0
  }

  /** A message went in either direction. */
  active(now: number): void {
    this.#activeAt = now
  }

  /** The peer answered the heartbeat's Ping. Returns how long that took, in milliseconds, unless none was sent. */
  ponged(): number | undefined {
    if (this.#pingSent === 0) return undefined
    const time = performance.now() - this.#pingSent
    this.#pingSent = 0
    return time
  }

  /** Looks at every deadline. One that ends before the `next` look counts as over, so that none is ever overstayed. */
  judge(now: number, next: number, limits: Limits, activity: Activity): Verdict {
    const { closeTimeout, messageTimeout, idleTimeout, pingInterval, pongTimeout } = limits
    if (activity.closing) {
      this.#closingSince ||= now
      return isOver(closeTimeout, this.#closingSince, next) ? 'closing too long' : 'alive'
    }
    const isOwed = activity.unfinished && !activity.held
    if (!isOwed || activity.messages !== this.#messages) this.#unfinishedSince = 0
    if (isOwed) this.#unfinishedSince ||= now
    this.#messages = activity.messages
    if (isOver(messageTimeout, this.#unfinishedSince, next)) return 'unfinished'
    if (isOver(idleTimeout, this.#activeAt, next)) return 'idle'

    if (activity.held) {
      this.#heardAt = now
      this.#pingedAt = 0
    } else if (this.#pingedAt > 0) {
      if (isOver(pongTimeout, this.#pingedAt, next)) return 'dead'
    } else if (isOver(pingInterval, this.#heardAt, next)) {
      this.#pingedAt = now
      this.#pingSent = performance.now()
      return 'ping'
    }
    return 'alive'
  }
}

function isOver(time: number, since: number, next: number): boolean {
  return time > 0 && since > 0 && next - since > time
}
