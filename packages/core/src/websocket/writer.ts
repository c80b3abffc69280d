import type { Duplex } from 'node:stream'
import { encodeFrame } from '../protocol/frame-writer.ts'
import type { Role } from '../protocol/role.ts'
import type { Plan } from './plan.ts'
import { type QueueOwner, type SendCallback, SendQueue } from './send-queue.ts'
import { awaitDrain } from './stream-owner.ts'

/** Whether somebody who was told to wait has to be told to go on. */
const Drain = {
  NotAwaited: 0,
  /** What they wait for is still queued here: the stream does not know of it yet. */
  Queued: 1,
  Awaited: 2,
} as const

type Drain = (typeof Drain)[keyof typeof Drain]

/** The connection whose chunk is being parsed. A connection that is parsed meanwhile ends its corking, no more. */
let corked: object | undefined

/**
 * How the frames of a connection leave: together, at the end of a chunk or of a tick, and no faster than the stream takes
 * them. It is a base class and not a part, since an object more for each connection would show in the memory of those that
 * idle.
 */
export abstract class Writer implements QueueOwner {
  readonly stream: Duplex
  protected readonly plan: Plan
  #queue: SendQueue | undefined
  #drain: Drain = Drain.NotAwaited
  /** Whether somebody else may write to the stream: nothing waits for the end of the tick then, only for that of a chunk. */
  #isShared = false

  constructor(stream: Duplex, plan: Plan) {
    this.stream = stream
    this.plan = plan
  }

  get role(): Role {
    return this.plan.settings.role
  }

  get nextMaskingKey(): (() => number) | undefined {
    return this.plan.settings.nextMaskingKey
  }

  /** The stream for somebody else to write to. What was sent goes first, and from here on what is sent outside of a chunk too. */
  get transport(): Duplex {
    this.#isShared = true
    this.#queue?.flush()
    return this.stream
  }

  queueFlushed(): void {
    this.#queue = undefined
  }

  queueWritten(): void {
    if (this.#drain !== Drain.Queued) return
    this.#drain = Drain.Awaited
    if (this.stream.writableNeedDrain) awaitDrain(this.stream)
    else if (this.stream.writable) process.nextTick(() => this.drained())
  }

  queueWaits(): void {
    if (this.#drain === Drain.Awaited) return
    this.#drain = Drain.Awaited
    awaitDrain(this.stream)
  }

  /** The stream has taken all it had: now it is given what waited here, and nobody is told before it has that too. */
  drained(): void {
    this.#drain = Drain.NotAwaited
    this.#queue?.flush()
    if (this.stream.writableNeedDrain) return this.queueWaits()
    this.flowsAgain()
  }

  /** What waits to be written, if anything does. */
  protected get queue(): SendQueue | undefined {
    return this.#queue
  }

  /** Takes what is to be written next. */
  protected openQueue(): SendQueue {
    if (this.#queue === undefined) {
      this.#queue = SendQueue.lendTo(this)
      if (corked !== this) this.#queue.flushSoon()
    }
    return this.#queue
  }

  /** `first` holds FIN, the RSV bits and the opcode. */
  protected putFrame(first: number, payload: Uint8Array, mask: boolean, callback?: SendCallback): void {
    if (mask) this.openQueue().payload(first, payload, callback)
    else this.openQueue().frame(encodeFrame(first, payload), callback)
  }

  /** What is sent from here on leaves at `uncork`, and not at the end of the tick. */
  protected cork(): void {
    corked = this
  }

  protected uncork(): void {
    if (corked === this) corked = undefined
    this.#queue?.flush()
  }

  protected flushIfShared(): void {
    if (this.#isShared && corked !== this) this.#queue?.flush()
  }

  /** Whether the stream keeps up, with `kept` bytes more than wait here. If not, `flowsAgain` will follow. */
  protected keepsUp(kept: number): boolean {
    const { stream } = this
    const queued = (this.#queue?.bytes ?? 0) + kept
    if (queued + stream.writableLength < stream.writableHighWaterMark) return true
    this.awaitDrain()
    return false
  }

  /** `flowsAgain` will follow, unless the stream ends. */
  protected awaitDrain(): void {
    if (this.#drain !== Drain.NotAwaited) return
    this.#drain = Drain.Queued
    if (this.#queue === undefined) this.queueWritten()
  }

  /** Writes what is queued, and nothing after it. */
  protected endStream(): void {
    this.#queue?.flushNow()
    if (!this.stream.writableEnded) this.stream.end()
  }

  /** Everything that waited has left. */
  protected abstract flowsAgain(): void
}
