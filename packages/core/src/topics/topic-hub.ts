import { FIN } from '../protocol/frame-header.ts'
import { encodeFrame } from '../protocol/frame-writer.ts'
import { Opcode } from '../protocol/opcode.ts'
import { bytesOf, type Payload } from '../protocol/payload.ts'

/** Who can be subscribed: an open connection. */
export interface Subscriber {
  /** Sends a frame that other connections send too. Returns false where it was not sent or should not be followed soon. */
  sendFrame(frame: Buffer): boolean
}

/** The topics of one router, and who is subscribed to them. A message is framed once, whatever the number of receivers. */
export class TopicHub {
  readonly #subscribers = new Map<string, Set<Subscriber>>()

  subscribe(topic: string, subscriber: Subscriber): void {
    const subscribers = this.#subscribers.get(topic)
    if (subscribers) subscribers.add(subscriber)
    else this.#subscribers.set(topic, new Set([subscriber]))
  }

  unsubscribe(topic: string, subscriber: Subscriber): void {
    const subscribers = this.#subscribers.get(topic)
    if (!subscribers?.delete(subscriber)) return
    if (subscribers.size === 0) this.#subscribers.delete(topic)
  }

  /** Sends text for a string and binary for bytes to all subscribers but `except`. Returns how many they were. */
  publish(topic: string, data: Payload, except?: Subscriber): number {
    const subscribers = this.#subscribers.get(topic)
    if (!subscribers) return 0
    const opcode = typeof data === 'string' ? Opcode.Text : Opcode.Binary
    const frame = encodeFrame(FIN | opcode, bytesOf(data))
    let count = 0
    for (const subscriber of subscribers) {
      if (subscriber === except) continue
      subscriber.sendFrame(frame)
      count++
    }
    return count
  }

  /** How many are subscribed to a topic. */
  count(topic: string): number {
    return this.#subscribers.get(topic)?.size ?? 0
  }

  /** The topics that somebody is subscribed to. */
  get topics(): string[] {
    return [...this.#subscribers.keys()]
  }
}
