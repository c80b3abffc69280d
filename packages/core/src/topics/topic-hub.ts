import type { Payload } from '../protocol/payload.ts'
import { Publication } from './publication.ts'

/** Who can be subscribed: an open connection. */
export interface Subscriber {
  /** Sends a message that others are sent too. Returns false where it was not sent or should not be followed soon. */
  sendPublished(publication: Publication): boolean
}

/** The topics of one router, and who is subscribed to them. A message is framed and compressed once. */
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
    const publication = new Publication(data)
    let count = 0
    for (const subscriber of subscribers) {
      if (subscriber === except) continue
      subscriber.sendPublished(publication)
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
