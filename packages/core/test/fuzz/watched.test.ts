import type { EventEmitter } from 'node:events'
import { describe, expect, it } from 'vitest'
import { watched } from '../../fuzz/watched.ts'

const never = new Promise<void>(() => {})

describe('watching a check', () => {
  it('ends as the check does', async () => {
    await expect(watched(Promise.resolve())).resolves.toBeUndefined()
    await expect(watched(Promise.reject(new Error('found')))).rejects.toThrow('found')
  })

  it('fails where it does not end', async () => {
    await expect(watched(never, 5)).rejects.toThrow('every input comes to an end: not in 5 ms')
  })

  it.each(['uncaughtException', 'unhandledRejection'] as const)('fails with an %s', async (event) => {
    const emitter: EventEmitter = process
    const before = emitter.listenerCount(event)
    const watching = watched(never)
    const [listener] = emitter.listeners(event).slice(before)
    Reflect.apply(listener, process, [new Error('nobody caught it')])
    await expect(watching).rejects.toThrow('nobody caught it')
    expect(emitter.listenerCount(event)).toBe(before)
  })
})
