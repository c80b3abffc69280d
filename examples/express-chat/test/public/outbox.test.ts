import { describe, expect, it } from 'vitest'
import { pageModule } from './page-module.ts'

interface Message {
  readonly type: string
  readonly id: string
  readonly text: string
}

interface OutboxModule {
  nextId(): string
  Outbox: new () => {
    add(text: string): Message
    settle(id: string): Message | undefined
    waiting: Message[]
  }
}

const { nextId, Outbox } = await pageModule<OutboxModule>('outbox.js')

describe('Outbox', () => {
  it('makes a message of a text', () => {
    expect(new Outbox().add('Hello')).toEqual({ type: 'say', id: expect.any(String), text: 'Hello' })
  })

  it('keeps what is not answered, in order', () => {
    const outbox = new Outbox()
    const messages = ['one', 'two', 'three'].map((text) => outbox.add(text))
    expect(outbox.settle(messages[1].id)).toBe(messages[1])
    expect(outbox.waiting).toEqual([messages[0], messages[2]])
  })

  it('knows nothing of an id that is not its own', () => {
    expect(new Outbox().settle('unknown')).toBeUndefined()
  })
})

describe('nextId', () => {
  it('is never the same, and short enough for the server', () => {
    const ids = new Set(Array.from({ length: 1000 }, nextId))
    expect(ids.size).toBe(1000)
    for (const id of ids) expect(id.length).toBeLessThanOrEqual(64)
  })
})
