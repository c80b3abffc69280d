import type { Duplex } from 'node:stream'
import { canSend } from '../protocol/closing-handshake.ts'
import { Opcode } from '../protocol/opcode.ts'
import type { Beating } from './heartbeat.ts'
import { type Activity, Liveness, PING_PAYLOAD, type Verdict } from './liveness.ts'
import type { Opening } from './opening.ts'
import type { Plan } from './plan.ts'
import { Subscriptions } from './subscriptions.ts'

/** What is left for the connection to do about a deadline that is over. */
export type Expired = Exclude<Verdict, 'alive' | 'ping'>

/**
 * Whether the peer of a connection is still there, asked with every beat of the heartbeat, and the answers to a peer that asks: a
 * base class, as `Writer` is, and for the same reason. While nothing is under way, one number is all it has.
 */
export abstract class Pulse extends Subscriptions implements Beating {
  #heardAt: number
  #rtt: number | undefined
  /** The deadlines under way, if any. */
  #liveness: Liveness | undefined
  /** Pings of a peer that does not read. Only the latest needs a Pong, when it reads again (RFC 6455 §5.5.3). */
  #unanswered: { latest: Buffer; count: number } | undefined

  constructor(stream: Duplex, plan: Plan, compression: Opening['compression']) {
    super(stream, plan, compression)
    plan.heartbeat.join(this)
    this.#heardAt = plan.heartbeat.now
  }

  get rtt(): number | undefined {
    return this.#rtt
  }

  /** Bytes came from the peer. */
  protected heard(): void {
    this.#heardAt = this.plan.heartbeat.now
    this.#liveness?.heard(this.#heardAt)
  }

  /** A message, or a part of one, went in either direction. */
  protected active(): void {
    this.#liveness?.active(this.plan.heartbeat.now)
  }

  protected override sent(): void {
    this.active()
  }

  /** Answers a Ping, unless that is left to the program (RFC 6455 §5.5.2). */
  protected answerPing(payload: Buffer): void {
    const { autoPong, maxPendingAutoPongs } = this.plan.reception
    if (!autoPong || !canSend(this.closing)) return
    if (!this.stream.writableNeedDrain) return this.sendControl(Opcode.Pong, payload)
    const count = (this.#unanswered?.count ?? 0) + 1
    if (maxPendingAutoPongs > 0 && count > maxPendingAutoPongs) return this.terminate()
    this.#unanswered = { latest: payload, count }
    this.awaitDrain()
  }

  protected override flowsAgain(): void {
    super.flowsAgain()
    const unanswered = this.#unanswered
    this.#unanswered = undefined
    if (unanswered && canSend(this.closing)) this.sendControl(Opcode.Pong, unanswered.latest)
  }

  /** Whether a Pong answers a Ping of the heartbeat, which is nobody else's business. */
  protected isBeat(payload: Buffer): boolean {
    if (!payload.equals(PING_PAYLOAD)) return false
    this.#rtt = this.#liveness?.ponged() ?? this.#rtt
    return true
  }

  beat(now: number, next: number): void {
    const { limits } = this.plan.settings
    const activity = this.activity()
    const calm = !activity.unfinished && !activity.held && !activity.closing && limits.idleTimeout === 0
    const pingIsDue = limits.pingInterval > 0 && next - this.#heardAt > limits.pingInterval
    if (this.#liveness === undefined && calm && !pingIsDue) return

    this.#liveness ??= new Liveness(this.#heardAt)
    const verdict = this.#liveness.judge(now, next, limits, activity)
    if (verdict === 'ping') this.sendControl(Opcode.Ping, PING_PAYLOAD)
    else if (verdict !== 'alive') this.expired(verdict)
    if (calm && this.#liveness.isCalm) this.#liveness = undefined
  }

  /** What the connection is doing. */
  protected abstract activity(): Activity

  protected abstract expired(verdict: Expired): void

  /** Ends the connection at once. */
  abstract terminate(): void
}
