import { constants, deflateRawSync, inflateRawSync } from 'node:zlib'
import { feed } from '../feed.ts'
import { FrameReader } from './frame-reader.ts'
import { clientFrame, compressed, text } from './frames.ts'

/** What a sender takes off the end of a message, and a receiver puts back (RFC 7692 §7.2.1, §7.2.2). */
const tail = Buffer.from('0000ffff', 'hex')
const flushed = { finishFlush: constants.Z_SYNC_FLUSH }
const windowBytes = 32 * 1024
/** How many of the messages that arrive one is looked at. A prime, so that all of the feed have their turn. */
const sampled = 101

/** What browsers offer. */
export const offer = 'permessage-deflate; client_max_window_bits'

export type Encoding = 'plain' | 'compressed' | 'compressed, contexts taken over'

/** What an endpoint that was offered compression has answered for the messages that it sends. */
export function encodingOf(extensions: string): Encoding {
  if (!extensions.includes('permessage-deflate')) return 'plain'
  return extensions.includes('server_no_context_takeover') ? 'compressed' : 'compressed, contexts taken over'
}

/** The feed as a client sends it. Compressed, no message refers to another: that may be sent whatever was agreed. */
export function feedFrames(encoding: 'plain' | 'compressed'): Buffer[] {
  if (encoding === 'plain') return feed.map((message) => clientFrame(text, message))
  return feed.map((message) =>
    clientFrame(text | compressed, deflateRawSync(message, flushed).subarray(0, -tail.length)),
  )
}

/** Reads the feed from its beginning, as it comes back on one connection. */
export class FeedReader {
  readonly #frames = new FrameReader()
  readonly #encoding: Encoding
  #count = 0

  constructor(encoding: Encoding) {
    this.#encoding = encoding
  }

  /** How many messages have been read. */
  get count(): number {
    return this.#count
  }

  /**
   * Returns how many messages `bytes` complete. Throws when one is compressed and should not be, or the other way round;
   * and when one of those that are looked at is not the next of the feed.
   */
  read(bytes: Buffer): number {
    const before = this.#count
    this.#frames.push(bytes, (first, payload) => {
      const isCompressed = (first & compressed) !== 0
      if (isCompressed !== (this.#encoding !== 'plain')) {
        throw new Error(
          `a message of the feed came with first byte ${first.toString(16)}: ${this.#encoding}?`,
        )
      }
      if (this.#count % sampled === 0) this.#check(payload)
      this.#count++
    })
    return this.#count - before
  }

  #check(payload: Buffer): void {
    const message = this.#encoding === 'plain' ? payload : this.#inflate(payload)
    if (message.equals(feed[this.#count % feed.length]!)) return
    throw new Error(`message ${this.#count} is not the feed's: ${message.toString('utf8', 0, 64)}`)
  }

  #inflate(payload: Buffer): Buffer {
    const dictionary = this.#encoding === 'compressed' ? undefined : this.#window()
    return inflateRawSync(Buffer.concat([payload, tail]), { ...flushed, dictionary })
  }

  /** What the sender's context holds: the end of all that came before. */
  #window(): Buffer | undefined {
    if (this.#count === 0) return undefined
    const start = Math.max(0, this.#count - feed.length)
    const before = Array.from(
      { length: this.#count - start },
      (_, index) => feed[(start + index) % feed.length]!,
    )
    return Buffer.concat(before).subarray(-windowBytes)
  }
}
