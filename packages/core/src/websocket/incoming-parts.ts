import { StringDecoder } from 'node:string_decoder'
import type { UnfinishedMessage } from '../permessage-deflate/unfinished-message.ts'
import { type ProtocolError, protocolError } from '../protocol/protocol-error.ts'
import { COMPLETE, checkUtf8, REJECTED } from '../protocol/utf8.ts'
import { Backlog, LARGEST_BLOCK_BYTES } from './backlog.ts'
import { MAX_HELD_BYTES } from './limits.ts'
import { StreamError } from './stream-error.ts'
import { type MessagePart, type PartSource, StreamedMessage } from './streamed-message.ts'
import { noteError } from './user-code.ts'

/** The connection, as a message that arrives sees it. */
export interface PartOwner {
  /** More may be read: of this message or, where it is over, of what follows it. */
  deliveryAdvanced(): void
  /** What was inflated or decoded breaks the protocol. */
  messageFailed(error: ProtocolError): void
}

const Stage = {
  /** Nobody has asked for a part. */
  Unread: 0,
  Read: 1,
  /** Nobody wants it, but later messages refer to it. */
  Drained: 2,
  /** Nothing of it is kept, and nothing is waited for. */
  Over: 3,
} as const

type Stage = (typeof Stage)[keyof typeof Stage]

const ignore = () => {}

/**
 * The parts of one message between the wire and its reader. What has arrived waits here as it came, a bounded number of bytes;
 * it is inflated, checked and decoded when the reader asks, so that a reader who is slow is never far behind.
 */
export class IncomingParts implements PartSource {
  /** What the user is given. */
  readonly message: StreamedMessage
  readonly isBinary: boolean
  readonly #owner: PartOwner
  readonly #inflation: UnfinishedMessage | undefined
  readonly #backlog = new Backlog()
  /** Taken from the backlog, in order. */
  #arrived: Buffer[] = []
  #bytes = 0
  #hasEnded = false
  #stage: Stage = Stage.Unread
  #isClaimed = false
  #failure: Error | undefined
  #utf8 = COMPLETE
  readonly #decoder: StringDecoder | undefined
  #wake = ignore

  constructor(isBinary: boolean, owner: PartOwner, inflation?: UnfinishedMessage) {
    this.isBinary = isBinary
    this.#owner = owner
    this.#inflation = inflation
    if (!isBinary) this.#decoder = new StringDecoder('utf8')
    this.message = new StreamedMessage(this)
  }

  get isOver(): boolean {
    return this.#stage === Stage.Over
  }

  /** Whether the peer may go on: with this message, or with what follows it. */
  get hasRoom(): boolean {
    return this.isOver || (!this.#hasEnded && this.#bytes < MAX_HELD_BYTES)
  }

  /** The next bytes from the wire. Few are copied, for they would keep all their chunk alive. */
  push(bytes: Buffer): void {
    if (this.isOver) return
    if (bytes.length < LARGEST_BLOCK_BYTES) this.#backlog.copy(bytes)
    else this.#backlog.append(bytes)
    this.#bytes += bytes.length
    this.#wake()
  }

  /** The wire has no more of it. */
  end(): void {
    this.#hasEnded = true
    this.#wake()
  }

  /** The message will not be whole: its reader is told. */
  fail(error: Error): void {
    if (this.isOver) return
    noteError(this.#owner, error)
    this.#failure ??= error
    this.#finish()
  }

  claim(): void {
    if (this.#isClaimed) throw new TypeError('This message is read already, and can be read only once')
    this.#isClaimed = true
    if (this.#stage === Stage.Unread) this.#stage = Stage.Read
  }

  async next(): Promise<MessagePart | undefined> {
    for (;;) {
      const part = this.#stage === Stage.Drained ? undefined : this.#take()
      if (part !== undefined) return part
      if (this.#failure) throw this.#failure
      if (this.isOver) return undefined
      await this.#arrival()
    }
  }

  cancel(): void {
    if (this.#stage >= Stage.Drained) return
    this.#failure ??= new StreamError('UPWIRE_MESSAGE_DISCARDED')
    if (!this.#inflation?.isReferredTo) return this.#finish()
    this.#stage = Stage.Drained
    this.#wake()
    void this.#drain()
  }

  /** Whoever was given the message is done, and nobody reads it. */
  discardUnread(): void {
    if (this.#stage === Stage.Unread) this.cancel()
  }

  #arrival(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve
    })
  }

  /** Inflates the rest for those who refer to it, a little in each turn of the event loop. */
  async #drain(): Promise<void> {
    while (!this.isOver) {
      if (this.#take() === undefined && !this.isOver) await this.#arrival()
      else await new Promise((resolve) => setImmediate(resolve))
    }
  }

  #take(): MessagePart | undefined {
    try {
      for (let bytes = this.#nextBytes(); bytes; bytes = this.#nextBytes()) {
        const part = this.#decode(bytes)
        if (part.length > 0) return part
      }
      if (this.#hasEnded && !this.isOver) this.#complete()
    } catch (error) {
      this.fail(error as ProtocolError)
      this.#owner.messageFailed(error as ProtocolError)
    }
    return undefined
  }

  #nextBytes(): Buffer | undefined {
    const inflation = this.#inflation
    if (!inflation) return this.#nextArrived()
    for (;;) {
      const inflated = inflation.take()
      if (inflated) return inflated
      const arrived = this.#nextArrived()
      if (arrived) inflation.put(arrived)
      else if (this.#hasEnded && !inflation.isOver) inflation.end()
      else return undefined
    }
  }

  #nextArrived(): Buffer | undefined {
    if (this.#arrived.length === 0) this.#arrived = this.#backlog.take()
    const bytes = this.#arrived.shift()
    if (!bytes) return undefined
    const wasFull = !this.hasRoom
    this.#bytes -= bytes.length
    if (wasFull && this.hasRoom) this.#owner.deliveryAdvanced()
    return bytes
  }

  /** Text is checked as it is read (RFC 6455 §8.1), and cut between characters only. */
  #decode(bytes: Buffer): MessagePart {
    if (!this.#decoder || this.#stage === Stage.Drained) return bytes
    this.#utf8 = checkUtf8(this.#utf8, bytes, 0, bytes.length)
    if (this.#utf8 === REJECTED) throw protocolError('WS_ERR_INVALID_UTF8')
    return this.#decoder.write(bytes)
  }

  #complete(): void {
    if (this.#stage !== Stage.Drained && this.#utf8 !== COMPLETE) throw protocolError('WS_ERR_INVALID_UTF8')
    this.#finish()
  }

  #finish(): void {
    this.#stage = Stage.Over
    this.#arrived = []
    this.#backlog.take()
    this.#inflation?.abandon()
    this.#wake()
    this.#owner.deliveryAdvanced()
  }
}
