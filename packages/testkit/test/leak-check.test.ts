import { AssertionError } from 'node:assert'
import { EventEmitter, once } from 'node:events'
import { connect, createServer } from 'node:net'
import { describe, expect, it } from 'vitest'
import { expectNoHandles, listenerCounts, openHandles, watchProcess } from '../src/leak-check.ts'

type Trouble = 'uncaughtException' | 'unhandledRejection' | 'warning'

/** Emits to the listener added last alone: neither the test runner nor Node itself is to take notice. */
function emitQuietly(kind: Trouble, reason: Error): void {
  const [name, others] = [kind as 'warning', process.rawListeners(kind).slice(0, -1) as (() => void)[]]
  for (const other of others) process.off(name, other)
  process.emit(name, reason)
  for (const other of others.toReversed()) process.prependListener(name, other)
}

describe('a watch over the process', () => {
  it('finds nothing in a quiet one', async () => {
    const watch = watchProcess()
    await watch.expectNone()
    watch.stop()
    expect(watch.incidents).toEqual([])
  })

  it.each(['uncaughtException', 'unhandledRejection'] as const)('reports an %s', async (kind) => {
    const watch = watchProcess()
    emitQuietly(kind, new Error('lost'))
    await expect(watch.expectNone()).rejects.toThrow(AssertionError)
    await expect(watch.expectNone()).rejects.toThrow(`The process was troubled:\n${kind}: Error: lost`)
    watch.stop()
  })

  it('reports too many listeners, and no other warning', async () => {
    const watch = watchProcess()
    emitQuietly('warning', Object.assign(new Error('old'), { name: 'DeprecationWarning' }))
    await watch.expectNone()
    emitQuietly('warning', Object.assign(new Error('11 listeners'), { name: 'MaxListenersExceededWarning' }))
    await expect(watch.expectNone()).rejects.toThrow('warning: MaxListenersExceededWarning: 11 listeners')
    watch.stop()
  })

  it('leaves no listener behind', () => {
    const before = listenerCounts(process)
    const watch = watchProcess()
    expect(listenerCounts(process)).not.toEqual(before)
    watch.stop()
    expect(listenerCounts(process)).toEqual(before)
  })
})

describe('open handles', () => {
  it('are a server, both ends of a connection and a timer, while they are open', async () => {
    const before = openHandles()
    const timer = setTimeout(() => undefined, 60_000)
    const server = createServer()
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const client = connect((server.address() as { port: number }).port, '127.0.0.1')
    const [served] = await once(server, 'connection')
    await expect(expectNoHandles(before, 10)).rejects.toThrow(/after 10 ms: .*TCPSocketWrap/)
    await expect(expectNoHandles(before, 10)).rejects.toThrow(/1 TCPServerWrap/)
    expect(openHandles().Timeout).toBeGreaterThan(0)

    clearTimeout(timer)
    server.close()
    client.end()
    served.end()
    await expectNoHandles(before)
  })
})

describe('listener counts', () => {
  it('tell every event, symbols too', () => {
    const emitter = new EventEmitter()
    emitter.on('data', () => undefined)
    emitter.on('data', () => undefined)
    emitter.on(Symbol('own'), () => undefined)
    expect(listenerCounts(emitter)).toEqual({ data: 2, 'Symbol(own)': 1 })
  })
})
