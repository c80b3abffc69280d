import { DEFAULT_LIMITS } from './limits.ts'
import { StreamError } from './stream-error.ts'

/** A piece of a text, or of a binary message. */
export type MessagePart = string | Buffer

/** Where a message that is read while it arrives comes from. */
export interface PartSource {
  readonly isBinary: boolean
  /** Says that somebody reads it. Throws a TypeError when somebody does already. */
  claim(): void
  /** The next part, or `undefined` at the end. Rejects with what became of the message, where it has no end. */
  next(): Promise<MessagePart | undefined>
  /** Nobody wants the rest. Whoever still asks for it is told so. */
  cancel(): void
}

export interface CollectOptions {
  /** The most bytes that are put together. More: a StreamError, and the rest is discarded. Default 1 MiB. */
  maxBytes?: number
}

/**
 * One message that is read while it arrives: `for await (const part of message)`. Parts of a text are strings, cut between
 * characters only; parts of a binary message are Buffers. The peer is paused while nobody takes them, and the next message
 * waits until this one is read to its end or cancelled. It can be read once.
 *
 * Reading throws the ProtocolError of a peer that broke the protocol, such as `WS_ERR_INVALID_UTF8`, and a `StreamError` with
 * `UPWIRE_MESSAGE_CUT` when the connection ends first.
 */
export class StreamedMessage implements AsyncIterable<MessagePart> {
  readonly #parts: PartSource

  constructor(parts: PartSource) {
    this.#parts = parts
  }

  /** Whether it is binary; else it is text. */
  get isBinary(): boolean {
    return this.#parts.isBinary
  }

  /** The parts. Leaving the loop early discards the rest of the message; the connection goes on. */
  [Symbol.asyncIterator](): AsyncIterableIterator<MessagePart, undefined> {
    const parts = this.#parts
    parts.claim()
    const generator = partByPart(parts)
    return {
      next: () => generator.next(),
      return: () => {
        parts.cancel()
        return generator.return(undefined)
      },
      [Symbol.asyncIterator]() {
        return this
      },
    }
  }

  /** All of it as a string; bytes are read as UTF-8. */
  async text(options?: CollectOptions): Promise<string> {
    return (await this.bytes(options)).toString()
  }

  /** All of it as one Buffer. */
  async bytes({ maxBytes = DEFAULT_LIMITS.maxPayload }: CollectOptions = {}): Promise<Buffer> {
    const collected: Buffer[] = []
    let size = 0
    for await (const part of this) {
      const bytes = Buffer.from(part as string)
      size += bytes.length
      if (size > maxBytes) throw new StreamError('UPWIRE_MESSAGE_TOO_LONG', maxBytes)
      collected.push(bytes)
    }
    return Buffer.concat(collected)
  }

  /** Discards what was not read. Messages that follow are delivered. */
  cancel(): void {
    this.#parts.cancel()
  }
}

async function* partByPart(parts: PartSource): AsyncGenerator<MessagePart, undefined> {
  for (;;) {
    const part = await parts.next()
    if (part === undefined) return undefined
    yield part
  }
}
