import { CloseCode } from '../protocol/close-code.ts'
import { ABNORMAL_CLOSE, type Close, closePayload } from '../protocol/close-payload.ts'
import { afterReceivingClose, Closing } from '../protocol/closing-handshake.ts'
import { type ProtocolError, protocolError } from '../protocol/protocol-error.ts'
import type { Activity } from './liveness.ts'
import type { Opening } from './opening.ts'
import type { Expired } from './pulse.ts'
import { Reader } from './reader.ts'
import type { WebSocket } from './websocket.ts'

/** What the user is told of a peer that was not heard of in time. Nothing of it was on the wire. */
const TIMED_OUT: Close = { code: CloseCode.Abnormal, reason: Buffer.from('timeout') }

/**
 * One open WebSocket connection on its stream: the only reader and writer of it, from the 101 to the end. What it needs
 * while it is busy only, a receiver and a queue, it borrows: most connections idle most of the time.
 *
 * It is one object of several classes, each of which uses those it extends. This one has its end: the closing handshake
 * (RFC 6455 §7), its failure, and its deadlines.
 */
export class Connection extends Reader {
  readonly #onEnd: Opening['onEnd']
  /** The peer's Close frame. */
  #received: Close | undefined

  constructor(socket: WebSocket, opening: Opening) {
    super(socket, opening)
    this.#onEnd = opening.onEnd
  }

  override terminate(): void {
    if (this.closing === Closing.Terminated) return
    this.closing = Closing.CloseAcknowledged
    this.discardRest()
    this.leave()
    this.stream.destroy()
  }

  /** Answered when every message before it has been dealt with, so that its reply still goes out (RFC 6455 §5.5.1). */
  override close(received: Close): void {
    this.#received = received
    this.discardRest()
    if (this.#isAnswered) this.#answerClose()
  }

  override deliveryAdvanced(): void {
    this.readOn()
    if (this.#closeWaits && this.#isAnswered) this.#answerClose()
    if (this.closing === Closing.Terminated) this.#announceClose()
  }

  override messageFailed(broken: ProtocolError): void {
    if (this.closing !== Closing.Terminated) this.failFor(broken)
  }

  /** The peer will send no more, and did not say so with a Close frame, unless that waits or is still to be read. */
  override peerEnded(): void {
    if (this.#closeWaits || (this.hasUnparsed && !this.delivering?.isAbandoned)) return
    this.closing = Closing.CloseAcknowledged
    this.endStream()
  }

  override streamClosed(): void {
    this.closing = Closing.CloseAcknowledged
    this.leave()
    this.closing = Closing.Terminated
    this.unsubscribeAll()
    this.dropReceiver()
    this.uncork()
    this.compression?.deflater.close()
    this.compression?.inflater.close()
    this.#onEnd(this.socket, (this.#received ?? ABNORMAL_CLOSE).code, this.messagesReceived)
    this.#announceClose()
  }

  protected override sendFailed(error: unknown): void {
    this.#fail(error as Error, CloseCode.InternalError)
  }

  protected override failFor(broken: ProtocolError): void {
    this.#fail(broken, broken.closeCode)
  }

  protected override activity(): Activity {
    return {
      unfinished: this.isUnfinished,
      messages: this.messagesReceived,
      held: this.isHeld,
      closing: this.closing !== Closing.Active || this.#received !== undefined,
    }
  }

  protected override expired(verdict: Expired): void {
    if (verdict === 'idle') this.sendClose(closePayload(CloseCode.GoingAway, 'Idle'))
    else if (verdict === 'unfinished') this.failFor(protocolError('UPWIRE_UNFINISHED_MESSAGE'))
    else if (verdict === 'closing too long') this.#waitNoLonger()
    else {
      this.#received ??= TIMED_OUT
      this.terminate()
    }
  }

  /** *Fails* the connection (RFC 6455 §7.1.7): the peer is told why, the rest of what it sends is not looked at. */
  #fail(error: Error, closeCode: number): void {
    this.discardRest(error)
    this.sendClose(closePayload(closeCode))
    this.endStream()
    this.tellError(error)
  }

  #answerClose(): void {
    const { code, reason } = this.#received ?? ABNORMAL_CLOSE
    this.closing = afterReceivingClose(this.closing)
    if (this.closing === Closing.CloseAcknowledged) this.endStream()
    else this.sendClose(code === CloseCode.NoStatus ? closePayload() : closePayload(code, reason))
  }

  /** Whether the peer's Close frame waits until the messages before it have been taken. */
  get #closeWaits(): boolean {
    return this.#received !== undefined && this.closing <= Closing.ClosedByUs
  }

  /** Whether no reply is to be expected any more to what was delivered. */
  get #isAnswered(): boolean {
    return this.#isDelivered && !this.delivering?.isLooping
  }

  /** Whether every message before has been taken, or never will be. */
  get #isDelivered(): boolean {
    if (this.delivering?.isAbandoned) return true
    return !this.hasUnparsed && (this.delivering?.isDone ?? true)
  }

  /** The end does not wait for ever for a handler that may still begin to listen: it may itself be waiting for the end. */
  #waitNoLonger(): void {
    const waited = this.#closeWaits
    this.delivering?.started()
    if (this.closing === Closing.Terminated) this.plan.heartbeat.leave(this)
    else if (!waited || this.#closeWaits) this.terminate()
  }

  /** Last of all, and not before the messages that arrived have been taken. */
  #announceClose(): void {
    if (this.isOver || !this.#isDelivered) return
    this.readingIsOver()
    this.plan.heartbeat.leave(this)
    this.tellClose(this.#received ?? ABNORMAL_CLOSE)
  }
}
