import type { Duplex } from 'node:stream'
import { MAX_HEADER_BYTES, writeHeader } from '../protocol/frame-header.ts'
import { encodeFrame } from '../protocol/frame-writer.ts'
import { Backlog } from './backlog.ts'
import { Pool } from './pool.ts'
import { MAX_COPIED_BYTES, SendSlab, type SlabWriter } from './send-slab.ts'

export type SendCallback = (error?: Error | null) => void

/** A string this short has a 2-byte header whatever its characters, and a loop writes it faster than a call does. */
const SHORT_STRING_LENGTH = 41
const MAX_UTF8_BYTES_PER_UNIT = 3
/** The same for bytes. */
const SHORT_COPY_BYTES = 32

const slab = new SendSlab()

/** Queues of one tick's broadcast may be many; beyond this they are made anew. */
const MOST_FREE_QUEUES = 256
const queues = new Pool(() => new SendQueue(), MOST_FREE_QUEUES)

/** Whose frames a queue holds. */
export interface QueueOwner {
  readonly stream: Duplex
  /** Gives each frame of a client its masking key (RFC 6455 §5.3); a server has none. */
  readonly nextMaskingKey?: (() => number) | undefined
  /** The queue is empty and no longer the owner's. */
  queueFlushed(): void
  /** The stream has to drain before the queue can be flushed. */
  queueWaits(): void
  /** What it held is with the stream. */
  queueWritten(): void
}

/** Queues that leave at the end of this tick. */
let waiting: SendQueue[] = []

function flushWaiting(): void {
  const flushed = waiting
  waiting = []
  for (const queue of flushed) queue.flush()
}

/**
 * The frames of one connection on their way to its stream, in order. It is lent to a connection that has something to
 * send, and comes back when that has left: at the end of the chunk being parsed, or of the tick. Nothing waits for a
 * timer, so frames leave together and no latency is added.
 */
export class SendQueue implements SlabWriter {
  #owner: QueueOwner | undefined
  #nextMaskingKey: QueueOwner['nextMaskingKey']
  #bytes = 0
  /** What its owner was given to send, of all that is compressed before it is queued. */
  givenBytes = 0
  /** What does not lie in the slab, in front of what does. */
  #backlog: Backlog | undefined
  #callbacks: SendCallback[] | undefined

  /** A queue for `owner`, who will flush it. */
  static lendTo(owner: QueueOwner): SendQueue {
    const queue = queues.take()
    queue.#owner = owner
    queue.#nextMaskingKey = owner.nextMaskingKey
    return queue
  }

  /** Bytes that have not been handed to the stream. */
  get bytes(): number {
    return this.#bytes
  }

  /** Flushes at the end of this tick, for an owner who does not know when it will be done. */
  flushSoon(): void {
    if (waiting.push(this) === 1) process.nextTick(flushWaiting)
  }

  /** A text of known content as one frame. `first` holds FIN, the RSV bits and the opcode. */
  text(first: number, text: string, callback?: SendCallback): void {
    if (this.#nextMaskingKey) return this.payload(first, Buffer.from(text), callback)
    const { length } = text
    const size =
      length <= SHORT_STRING_LENGTH ? length * MAX_UTF8_BYTES_PER_UNIT : Buffer.byteLength(text, 'utf8')
    if (size > MAX_COPIED_BYTES) return this.payload(first, Buffer.from(text), callback)

    const start = slab.open(this, MAX_HEADER_BYTES + size)
    const end =
      length <= SHORT_STRING_LENGTH ? writeShort(start, first, text) : writeText(start, first, text, size)
    this.#commit(start, end, callback)
  }

  /** A payload as one frame. Small ones are copied; a large one must stay as it is until it has left. */
  payload(first: number, payload: Uint8Array, callback?: SendCallback): void {
    if (this.#nextMaskingKey) return this.frame(encodeFrame(first, payload, this.#nextMaskingKey()), callback)
    const { length } = payload
    if (length > MAX_COPIED_BYTES) return this.#large(first, payload, callback)
    const start = slab.open(this, MAX_HEADER_BYTES + length)
    const { bytes } = slab
    const payloadStart = writeHeader(bytes, start, first, length, 0)
    if (length > SHORT_COPY_BYTES) bytes.set(payload, payloadStart)
    else for (let at = 0; at < length; at++) bytes[payloadStart + at] = payload[at]
    this.#commit(start, payloadStart + length, callback)
  }

  /** A frame built before, such as one that many connections share. */
  frame(frame: Buffer, callback?: SendCallback): void {
    if (frame.length > MAX_COPIED_BYTES) {
      this.#sealSlab()
      return this.#append(frame, callback)
    }
    const start = slab.open(this, frame.length)
    slab.bytes.set(frame, start)
    this.#commit(start, start + frame.length, callback)
  }

  /** Hands everything to the stream, unless that still has to drain: then what waits is gathered here, and costs less. */
  flush(): void {
    const owner = this.#owner
    if (!owner?.stream.writableNeedDrain) return this.flushNow()
    this.#sealSlab()
    owner.queueWaits()
  }

  /** Hands everything to the stream, in one write where it lies together, and goes back to the pool. */
  flushNow(): void {
    const owner = this.#owner
    if (owner === undefined) return
    const { stream } = owner
    const callback = this.#takeCallback()
    if (this.#backlog || stream.writableLength > 0) this.#sealSlab()
    const last = slab.seal(this)
    const parts = this.#backlog?.take()
    this.#release()

    if (parts) writeTogether(stream, last ? [...parts, last] : parts, callback)
    else if (last) stream.write(last, callback)
    owner.queueWritten()
  }

  /** Sends nothing of what waits, and tells everybody why. */
  drop(reason: Error): void {
    const owner = this.#owner
    const callback = this.#takeCallback()
    slab.seal(this)
    this.#release()
    callback?.(reason)
    owner?.queueWritten()
  }

  /** A part that has to wait is copied: it would keep a whole slab alive, most of it filled for others. */
  takePart(part: Buffer): void {
    this.#backlog ??= new Backlog()
    if (this.#owner?.stream.writableLength === 0) return this.#backlog.append(part)
    this.#backlog.copy(part)
    slab.reuse(part)
  }

  #large(first: number, payload: Uint8Array, callback: SendCallback | undefined): void {
    const start = slab.open(this, MAX_HEADER_BYTES)
    const end = writeHeader(slab.bytes, start, first, payload.length, 0)
    this.#commit(start, end)
    this.#sealSlab()
    this.#append(Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength), callback)
  }

  #sealSlab(): void {
    const part = slab.seal(this)
    if (part) this.takePart(part)
  }

  #append(part: Buffer, callback: SendCallback | undefined): void {
    this.#backlog ??= new Backlog()
    this.#backlog.append(part)
    this.#queued(part.length, callback)
  }

  #commit(start: number, end: number, callback?: SendCallback): void {
    slab.commit(end)
    this.#queued(end - start, callback)
  }

  #queued(bytes: number, callback: SendCallback | undefined): void {
    this.#bytes += bytes
    if (callback !== undefined) {
      this.#callbacks ??= []
      this.#callbacks.push(callback)
    }
  }

  /** Ends the loan. */
  #release(): void {
    const owner = this.#owner
    this.#owner = undefined
    this.#nextMaskingKey = undefined
    this.#bytes = 0
    this.givenBytes = 0
    this.#backlog = undefined
    owner?.queueFlushed()
    queues.giveBack(this)
  }

  #takeCallback(): SendCallback | undefined {
    const callbacks = this.#callbacks
    if (callbacks === undefined) return undefined
    this.#callbacks = undefined
    return (error) => {
      for (const callback of callbacks) callback(error)
    }
  }
}

function writeTogether(stream: Duplex, parts: Buffer[], callback: SendCallback | undefined): void {
  stream.cork()
  parts.forEach((part, index) => {
    stream.write(part, index === parts.length - 1 ? callback : undefined)
  })
  stream.uncork()
}

function writeShort(start: number, first: number, text: string): number {
  const { bytes } = slab
  const payloadStart = start + 2
  let at = payloadStart
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index)
    if (unit >= 0x80) {
      at = payloadStart + bytes.write(text, payloadStart, 'utf8')
      break
    }
    bytes[at++] = unit
  }
  bytes[start] = first
  bytes[start + 1] = at - payloadStart
  return at
}

function writeText(start: number, first: number, text: string, size: number): number {
  const payloadStart = writeHeader(slab.bytes, start, first, size, 0)
  return payloadStart + slab.bytes.write(text, payloadStart, size, 'utf8')
}
