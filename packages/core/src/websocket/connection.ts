import { CloseCode } from '../protocol/close-code.ts'
import { ABNORMAL_CLOSE, type Close, closePayload } from '../protocol/close-payload.ts'
import { afterReceivingClose, Closing, canSend } from '../protocol/closing-handshake.ts'
import { Opcode } from '../protocol/opcode.ts'
import { type ProtocolError, protocolError } from '../protocol/protocol-error.ts'
import { Delivery, type DeliveryOwner, decodeText } from './delivery.ts'
import type { ConnectionHooks, Message } from './hooks.ts'
import type { IncomingParts } from './incoming-parts.ts'
import type { Activity } from './liveness.ts'
import { type MessageEventName, messageEventOf } from './message-mode.ts'
import { MessageRate } from './message-rate.ts'
import type { Opening } from './opening.ts'
import { planFor } from './plan.ts'
import { type Expired, Pulse } from './pulse.ts'
import { Reading } from './reading.ts'
import type { Borrower, Receiver } from './receiver.ts'
import { ownStream, type StreamOwner } from './stream-owner.ts'
import type { StreamedReceiver, StreamSink } from './streamed-receiver.ts'
import { isThenable, noteError, settle } from './user-code.ts'
import type { WebSocket } from './websocket.ts'

/** What the user is told of a peer that was not heard of in time. Nothing of it was on the wire. */
const TIMED_OUT: Close = { code: CloseCode.Abnormal, reason: Buffer.from('timeout') }

/**
 * One open WebSocket connection on its stream: the only reader and writer of it, from the 101 to the end. What it needs
 * while it is busy only, a receiver and a queue, it borrows: most connections idle most of the time.
 */
export class Connection extends Pulse implements Borrower, StreamSink, DeliveryOwner, StreamOwner {
  readonly #socket: WebSocket
  readonly #onUserError: Opening['onUserError']
  readonly #onEnd: Opening['onEnd']
  readonly #rate: MessageRate | undefined

  #reading: Reading = Reading.NotYet
  #receiver: Receiver | StreamedReceiver | undefined
  #delivery: Delivery | undefined
  /** What was read of a chunk but not parsed. */
  #rest: Buffer | undefined
  #messagesReceived = 0

  /** Pings of a peer that does not read. Only the latest needs a Pong, when it reads again (RFC 6455 §5.5.3). */
  #unanswered: { latest: Buffer; count: number } | undefined
  /** The peer's Close frame. */
  #received: Close | undefined

  constructor(socket: WebSocket, { stream, settings, head, compression, onUserError, onEnd }: Opening) {
    const plan = planFor(settings)
    super(stream, plan, compression)
    this.#socket = socket
    this.#onUserError = onUserError
    this.#onEnd = onEnd
    if (settings.limits.messageRate !== Number.POSITIVE_INFINITY) {
      this.#rate = new MessageRate(settings.limits.messageRate, plan.heartbeat.now)
    }
    if (settings.handling.delivery === 'listeners') this.#delivery = this.#makeDelivery()
    ownStream(stream, this)
    if (head.length > 0) this.#putBack(head)
  }

  /** Runs the user's handler, then begins to read. */
  start(run: Opening['start']): void {
    let result: unknown
    process.nextTick(() => {
      if (this.#reading === Reading.NotYet) this.#begin()
      if (!isThenable(result)) this.#delivery?.started()
      this.deliveryAdvanced()
    })
    // It flows when this is over, but tells from now on that we are not paused.
    this.stream.resume()
    try {
      result = run?.(this.#socket)
    } catch (error) {
      this.userError(error)
    }
    if (isThenable(result)) this.delivery.startsWith(result)
  }

  /** To the stream, for whoever looks at what that brings; one that has ended takes nothing back. */
  #putBack(head: Buffer): void {
    if (this.stream.readableEnded) this.#rest = head
    else this.stream.unshift(head)
  }

  /** Whether 'close' was told, which comes after every message that arrived. */
  get isOver(): boolean {
    return this.#reading === Reading.Over
  }

  get isPaused(): boolean {
    return this.#delivery?.isPaused ?? false
  }

  get rests(): boolean {
    return !this.plan.reception.allowSynchronousEvents
  }

  get dropsUnheard(): boolean {
    return this.plan.reception.unheard === 'drop'
  }

  rest(): void {
    this.delivery.rest()
  }

  /** Made when something has to wait: the messages of a plain hook go by without it. */
  get delivery(): Delivery {
    this.#delivery ??= this.#makeDelivery()
    return this.#delivery
  }

  /** What messages are called here, as an event and as a hook. */
  get messageEvent(): MessageEventName {
    return messageEventOf(this.plan.settings.handling.messages)
  }

  get #hooks(): ConnectionHooks {
    return this.plan.settings.handling.hooks
  }

  #makeDelivery(): Delivery {
    const delivery = new Delivery(this.#socket, this.plan.settings.handling, this)
    if (this.#reading === Reading.Over) delivery.finish()
    return delivery
  }

  terminate(): void {
    if (this.closing === Closing.Terminated) return
    this.closing = Closing.CloseAcknowledged
    this.#discard()
    this.leave()
    this.stream.destroy()
  }

  protected override sendFailed(error: unknown): void {
    this.#fail(error as Error, CloseCode.InternalError)
  }

  protected override flowsAgain(): void {
    const unanswered = this.#unanswered
    this.#unanswered = undefined
    if (unanswered && canSend(this.closing)) this.sendControl(Opcode.Pong, unanswered.latest)
    if (this.isHeldUp) return
    this.#run(() => this.#hooks.drain?.(this.#socket))
    this.#run(() => this.#socket.emit('drain'))
  }

  // Reading

  receive(chunk: Buffer): void {
    this.heard()
    if (this.#reading === Reading.NotYet) this.#begin()
    if (this.#reading === Reading.Frames) this.#parse(chunk)
    else if (this.#reading === Reading.Held)
      this.#rest = this.#rest ? Buffer.concat([this.#rest, chunk]) : chunk
  }

  #parse(chunk: Buffer): void {
    const { receivers } = this.plan
    const receiver = this.#receiver ?? receivers.take().lendTo(this, this.compression?.inflater)
    let at = 0
    this.#receiver = receiver
    this.cork()
    try {
      while (at < chunk.length && this.#reading === Reading.Frames) at = receiver.push(chunk, at)
      if (at < chunk.length && this.#reading === Reading.Held) this.#rest = chunk.subarray(at)
    } catch (error) {
      this.#failFor(error as ProtocolError)
    }
    if (this.#receiver && !receiver.unfinished) {
      this.#receiver = undefined
      receivers.giveBack(receiver)
    }
    this.uncork()
  }

  holdReading(): void {
    if (this.#reading > Reading.Frames) return
    this.stream.pause()
    if (this.#reading === Reading.NotYet) return
    this.#reading = Reading.Held
    this.#receiver?.stop()
  }

  deliveryAdvanced(): void {
    if (this.#reading === Reading.Held) this.#readOn()
    else if (this.#reading === Reading.NotYet && this.#hasRoom) this.stream.resume()
    if (this.#closeWaits && this.#isAnswered) this.#answerClose()
    if (this.closing === Closing.Terminated) this.#announceClose()
  }

  get #hasRoom(): boolean {
    return this.#delivery?.hasRoom ?? true
  }

  #begin(): void {
    // A message that fails the connection does so after those in front of it were answered.
    this.#delivery?.begins()
    if (this.#hasRoom) this.#parseRest()
    else this.#reading = Reading.Held
  }

  /** Parses what was left of a chunk, then reads on, as long as the user can take more. */
  #readOn(): void {
    if (!this.#hasRoom) return
    this.#parseRest()
    if (this.#reading === Reading.Frames && this.closing !== Closing.Terminated) this.stream.resume()
  }

  #parseRest(): void {
    this.#reading = Reading.Frames
    const rest = this.#rest
    this.#rest = undefined
    if (rest) this.#parse(rest)
    const isOver = this.#reading !== Reading.Frames || this.closing === Closing.Terminated
    if (!isOver && this.stream.readableEnded) this.peerEnded()
  }

  #discard(cause?: Error): void {
    this.#reading = Reading.Discard
    this.#rest = undefined
    this.#dropReceiver(cause)
    this.stream.resume()
  }

  // What arrives, in the order of the wire

  text(bytes: Buffer, start: number, end: number, seen: number): void {
    this.#countMessage()
    if (this.#delivery) this.#delivery.text(bytes, start, end, seen)
    else if (this.#hooks.message) this.callMessageHook(decodeText(bytes, start, end, seen), false)
  }

  binary(bytes: Buffer, start: number, end: number): void {
    this.#countMessage()
    if (this.#delivery) this.#delivery.binary(bytes, start, end)
    else if (this.#hooks.message) this.callMessageHook(bytes.subarray(start, end), true)
  }

  callMessageHook(data: Message, isBinary: boolean): void {
    let result: unknown
    try {
      result = this.#hooks.message?.(this.#socket, data, isBinary)
    } catch (error) {
      this.userError(error)
    }
    if (isThenable(result)) this.delivery.waitFor(result)
  }

  messageBegan(parts: IncomingParts): void {
    this.#countMessage()
    this.delivery.begin(parts)
  }

  partArrived(): void {
    this.#messagesReceived++
    this.active()
  }

  callStreamHook(parts: IncomingParts): void {
    const hook = async () => this.#hooks.stream?.(this.#socket, parts.message)
    this.delivery.waitFor(hook().then(() => parts.discardUnread()))
  }

  messageFailed(error: ProtocolError): void {
    if (this.closing !== Closing.Terminated) this.#failFor(error)
  }

  ping(payload: Buffer): void {
    if (this.plan.reception.autoPong && canSend(this.closing)) this.#answerPing(payload)
    this.#run(() => this.#socket.emit('ping', payload))
  }

  #answerPing(payload: Buffer): void {
    if (!this.stream.writableNeedDrain) return this.sendControl(Opcode.Pong, payload)
    const { maxPendingAutoPongs } = this.plan.reception
    const count = (this.#unanswered?.count ?? 0) + 1
    if (maxPendingAutoPongs > 0 && count > maxPendingAutoPongs) return this.terminate()
    this.#unanswered = { latest: payload, count }
    this.awaitDrain()
  }

  pong(payload: Buffer): void {
    if (!this.isBeat(payload)) this.#run(() => this.#socket.emit('pong', payload))
  }

  /** Answered when every message before it has been dealt with, so that its reply still goes out (RFC 6455 §5.5.1). */
  close(received: Close): void {
    this.#received = received
    this.#discard()
    if (this.#isAnswered) this.#answerClose()
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
    return this.#isDelivered && !this.#delivery?.isLooping
  }

  /** Whether every message before has been taken, or never will be. */
  get #isDelivered(): boolean {
    if (this.#delivery?.isAbandoned) return true
    return this.#rest === undefined && (this.#delivery?.isDone ?? true)
  }

  #countMessage(): void {
    this.#messagesReceived++
    this.active()
    if (this.#rate?.pay(this.plan.heartbeat.now) === false) throw protocolError('UPWIRE_MESSAGE_RATE')
  }

  // Failing and ending

  /** *Fails* the connection (RFC 6455 §7.1.7): the peer is told why, the rest of what it sends is not looked at. */
  #fail(error: Error, closeCode: number): void {
    this.#discard(error)
    this.sendClose(closePayload(closeCode))
    this.endStream()
    if (this.#hooks.error) this.#run(() => this.#hooks.error?.(this.#socket, error))
    else if (this.#socket.listenerCount('error') > 0) this.#run(() => this.#socket.emit('error', error))
  }

  #failFor(broken: ProtocolError): void {
    this.#fail(broken, broken.closeCode)
  }

  /** What user code throws, or a promise of it rejects with, ends the connection and nothing else. */
  userError(error: unknown): void {
    if (!noteError(this, error)) return
    this.delivery.discard()
    this.sendClose(closePayload(CloseCode.InternalError))
    const report = (failure: unknown) => this.#onUserError(failure, this.#socket)
    if (this.#hooks.error) settle(() => this.#hooks.error?.(this.#socket, error as Error), report)
    else report(error)
    this.deliveryAdvanced()
  }

  protected override activity(): Activity {
    return {
      unfinished: this.#receiver !== undefined,
      messages: this.#messagesReceived,
      held: this.#reading === Reading.Held,
      closing: this.closing !== Closing.Active || this.#received !== undefined,
    }
  }

  protected override expired(verdict: Expired): void {
    if (verdict === 'idle') this.sendClose(closePayload(CloseCode.GoingAway, 'Idle'))
    else if (verdict === 'unfinished') this.#failFor(protocolError('UPWIRE_UNFINISHED_MESSAGE'))
    else if (verdict === 'closing too long') this.#waitNoLonger()
    else {
      this.#received ??= TIMED_OUT
      this.terminate()
    }
  }

  /** The end does not wait for ever for a handler that may still begin to listen: it may itself be waiting for the end. */
  #waitNoLonger(): void {
    const waited = this.#closeWaits
    this.#delivery?.started()
    if (this.closing === Closing.Terminated) this.plan.heartbeat.leave(this)
    else if (!waited || this.#closeWaits) this.terminate()
  }

  /** The peer will send no more, and did not say so with a Close frame, unless that waits or is still to be read. */
  peerEnded(): void {
    if (this.#closeWaits || (this.#rest !== undefined && !this.#delivery?.isAbandoned)) return
    this.closing = Closing.CloseAcknowledged
    this.endStream()
  }

  streamClosed(): void {
    this.closing = Closing.CloseAcknowledged
    this.leave()
    this.closing = Closing.Terminated
    this.unsubscribeAll()
    this.#dropReceiver()
    this.uncork()
    this.compression?.deflater.close()
    this.compression?.inflater.close()
    this.#onEnd(this.#socket, (this.#received ?? ABNORMAL_CLOSE).code, this.#messagesReceived)
    this.#announceClose()
  }

  /** Last of all, and not before the messages that arrived have been taken. */
  #announceClose(): void {
    if (this.#reading === Reading.Over || !this.#isDelivered) return
    this.#reading = Reading.Over
    this.plan.heartbeat.leave(this)
    this.#delivery?.finish()
    const { code, reason } = this.#received ?? ABNORMAL_CLOSE
    this.#run(() => this.#hooks.close?.(this.#socket, code, reason.toString()))
    this.#run(() => this.#socket.emit('close', code, reason))
  }

  #dropReceiver(cause?: Error): void {
    this.#receiver?.stop()
    this.#receiver?.abandon(cause)
    this.#receiver = undefined
  }

  #run(userCode: () => unknown): void {
    settle(userCode, (error) => this.userError(error))
  }
}
