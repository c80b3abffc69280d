import { Closing } from '../protocol/closing-handshake.ts'
import type { Payload } from '../protocol/payload.ts'
import { Sender } from './sender.ts'

const NO_TOPICS: ReadonlySet<string> = new Set()

/** What a connection is sent beside what its own program sends it: a base class, as `Writer` is, and for the same reason. */
export abstract class Subscriptions extends Sender {
  #topics: Set<string> | undefined

  get topics(): ReadonlySet<string> {
    return this.#topics ?? NO_TOPICS
  }

  subscribe(topic: string): void {
    if (this.closing === Closing.Terminated) return
    this.#topics ??= new Set()
    this.#topics.add(topic)
    this.plan.settings.topics.subscribe(topic, this)
  }

  unsubscribe(topic: string): void {
    if (this.#topics?.delete(topic)) this.plan.settings.topics.unsubscribe(topic, this)
  }

  publish(topic: string, data: Payload): number {
    return this.plan.settings.topics.publish(topic, data, this)
  }

  protected unsubscribeAll(): void {
    for (const topic of this.topics) this.unsubscribe(topic)
  }
}
