import { CloseCode } from '../protocol/close-code.ts'
import { type Close, closePayload } from '../protocol/close-payload.ts'
import { protocolError } from '../protocol/protocol-error.ts'
import { Delivery, type DeliveryOwner, decodeText } from './delivery.ts'
import type { ConnectionHooks, Message } from './hooks.ts'
import type { IncomingParts } from './incoming-parts.ts'
import { type MessageEventName, messageEventOf } from './message-mode.ts'
import { MessageRate } from './message-rate.ts'
import type { Opening } from './opening.ts'
import { planFor } from './plan.ts'
import { Pulse } from './pulse.ts'
import { isThenable, noteError, settle } from './user-code.ts'
import type { WebSocket } from './websocket.ts'

/**
 * What a connection tells its user, by hooks, events and iterators, in the order of the wire, and what becomes of what user
 * code throws. A base class, as `Writer` is, and for the same reason.
 */
export abstract class UserSide extends Pulse implements DeliveryOwner {
  protected readonly socket: WebSocket
  readonly #onUserError: Opening['onUserError']
  readonly #rate: MessageRate | undefined
  #delivery: Delivery | undefined
  #messagesReceived = 0

  constructor(socket: WebSocket, { stream, settings, compression, onUserError }: Opening) {
    const plan = planFor(settings)
    super(stream, plan, compression)
    this.socket = socket
    this.#onUserError = onUserError
    if (settings.limits.messageRate !== Number.POSITIVE_INFINITY) {
      this.#rate = new MessageRate(settings.limits.messageRate, plan.heartbeat.now)
    }
    if (settings.handling.delivery === 'listeners') this.#delivery = this.#makeDelivery()
  }

  /** Runs the user's handler, then begins to read. */
  start(handler: Opening['start']): void {
    let pending: PromiseLike<unknown> | undefined
    process.nextTick(() => {
      this.beginReading()
      if (!pending) this.#delivery?.started()
      this.deliveryAdvanced()
    })
    // It flows when this is over, but tells from now on that we are not paused.
    this.stream.resume()
    try {
      const result = handler?.(this.socket)
      if (isThenable(result)) pending = result
    } catch (error) {
      this.userError(error)
    }
    if (pending) this.delivery.startsWith(pending)
  }

  get isPaused(): boolean {
    return this.#delivery?.isPaused ?? false
  }

  get rests(): boolean {
    return !this.plan.reception.allowSynchronousEvents
  }

  get unheard(): DeliveryOwner['unheard'] {
    if (this.plan.reception.unheard === 'drop') return 'bounded'
    return this.plan.settings.handling.delivery === 'listeners' ? 'held' : 'hooked'
  }

  /** What messages are called here, as an event and as a hook. */
  get messageEvent(): MessageEventName {
    return messageEventOf(this.plan.settings.handling.messages)
  }

  /** Made when something has to wait: the messages of a plain hook go by without it. */
  get delivery(): Delivery {
    if (this.#delivery === undefined) {
      this.#delivery = this.#makeDelivery()
      if (this.isOver) this.#delivery.finish()
    }
    return this.#delivery
  }

  rest(): void {
    this.delivery.rest()
  }

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
      result = this.#hooks.message?.(this.socket, data, isBinary)
      if (!isThenable(result)) return
    } catch (error) {
      return this.userError(error)
    }
    this.delivery.waitFor(result)
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
    const hook = async () => this.#hooks.stream?.(this.socket, parts.message)
    this.delivery.waitFor(hook().then(() => parts.discardUnread()))
  }

  ping(payload: Buffer): void {
    this.answerPing(payload)
    this.#run(() => this.socket.emit('ping', payload))
  }

  pong(payload: Buffer): void {
    if (!this.isBeat(payload)) this.#run(() => this.socket.emit('pong', payload))
  }

  /** What user code throws, or a promise of it rejects with, ends the connection and nothing else. */
  userError(error: unknown): void {
    if (!noteError(this, error)) return
    this.delivery.discard()
    this.sendClose(closePayload(CloseCode.InternalError))
    const report = (failure: unknown) => this.#onUserError(failure, this.socket)
    if (this.#hooks.error) settle(() => this.#hooks.error?.(this.socket, error as Error), report)
    else report(error)
    this.deliveryAdvanced()
  }

  protected override flowsAgain(): void {
    super.flowsAgain()
    if (this.isHeldUp) return
    this.#run(() => this.#hooks.drain?.(this.socket))
    this.#run(() => this.socket.emit('drain'))
  }

  protected tellError(error: Error): void {
    if (this.#hooks.error) this.#run(() => this.#hooks.error?.(this.socket, error))
    else if (this.socket.listenerCount('error') > 0) this.#run(() => this.socket.emit('error', error))
  }

  protected tellClose({ code, reason }: Close): void {
    this.#delivery?.finish()
    this.#run(() => this.#hooks.close?.(this.socket, code, reason.toString()))
    this.#run(() => this.socket.emit('close', code, reason))
  }

  /** The delivery, where something had to wait by now. */
  protected get delivering(): Delivery | undefined {
    return this.#delivery
  }

  protected get messagesReceived(): number {
    return this.#messagesReceived
  }

  get #hooks(): ConnectionHooks {
    return this.plan.settings.handling.hooks
  }

  #makeDelivery(): Delivery {
    return new Delivery(this.socket, this.plan.settings.handling, this)
  }

  #countMessage(): void {
    this.#messagesReceived++
    this.active()
    if (this.#rate?.pay(this.plan.heartbeat.now) === false) throw protocolError('UPWIRE_MESSAGE_RATE')
  }

  #run(userCode: () => unknown): void {
    settle(userCode, (error) => this.userError(error))
  }

  /** Whether 'close' was told, which comes after every message that arrived. */
  abstract get isOver(): boolean

  /** The handler has run: what arrives is looked at from now on. */
  protected abstract beginReading(): void

  abstract holdReading(): void
  abstract deliveryAdvanced(): void
}
