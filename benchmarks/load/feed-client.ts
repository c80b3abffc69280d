import { feed } from '../feed.ts'
import { type CountReplies, converse } from './conversation.ts'
import { encodingOf, FeedReader, feedFrames, offer } from './feed-reader.ts'
import { RawClient } from './raw-client.ts'

const plainFrames = feedFrames('plain')
const compressedFrames = feedFrames('compressed')

/** A connection on which the feed is sent, comes back or is published, from its beginning on. */
export class FeedClient {
  readonly connection: RawClient
  readonly #frames: readonly Buffer[]
  readonly #reader: FeedReader
  #sent = 0
  /** Of the bytes that arrive, how many messages they complete. */
  readonly #countMessages: CountReplies = (count, buffer) =>
    this.#reader.read(Buffer.from(buffer.buffer, buffer.byteOffset, count))

  private constructor(connection: RawClient) {
    const encoding = encodingOf(connection.extensions)
    this.connection = connection
    this.#frames = encoding === 'plain' ? plainFrames : compressedFrames
    this.#reader = new FeedReader(encoding)
  }

  /** Rejects as `RawClient.open` does, and where compression is wanted and the server has none. */
  static async open(port: number, wantsCompression: boolean): Promise<FeedClient> {
    const connection = await RawClient.open(port, wantsCompression ? offer : undefined)
    const client = new FeedClient(connection)
    if (!wantsCompression || client.#frames === compressedFrames) return client
    connection.destroy()
    throw new Error(`the server does not compress: it answered the offer with '${connection.extensions}'`)
  }

  /** Sends messages and waits for their echo, as `converse` does. */
  converse(inFlight: number, deadline: number): Promise<number> {
    return converse(this.connection, {
      nextBurst: () => this.#next(inFlight),
      inFlight,
      countReplies: this.#countMessages,
      deadline,
    })
  }

  /**
   * Sends one message after the other until `deadline`, the next when all subscribers have the one before. Resolves with
   * the number of messages that the subscribers received together.
   */
  async publish(subscribers: readonly FeedClient[], deadline: number): Promise<number> {
    let messages = 0
    let awaited = 0
    await this.connection.until((finish) => {
      const next = () => {
        awaited = subscribers.length
        this.connection.send(this.#next(1))
      }
      for (const subscriber of subscribers) {
        subscriber.connection.onBytes = (count, buffer) => {
          awaited -= subscriber.#countMessages(count, buffer)
          if (awaited > 0) return
          messages += subscribers.length
          if (performance.now() >= deadline) finish()
          else next()
        }
      }
      next()
    })
    return messages
  }

  #next(messages: number): Buffer {
    const first = this.#sent % feed.length
    this.#sent += messages
    if (messages === 1) return this.#frames[first]!
    return Buffer.concat(
      Array.from({ length: messages }, (_, index) => this.#frames[(first + index) % feed.length]!),
    )
  }
}
