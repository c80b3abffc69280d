import { once } from 'node:events'
import { finished } from 'node:stream/promises'
import { describe, expect, it } from 'vitest'
import { duplexPair } from '../../src/client/memory-duplex.ts'

describe('a pair of streams', () => {
  it('carries bytes both ways, after the call that wrote them', async () => {
    const [left, right] = duplexPair()
    const arrived: string[] = []
    right.on('data', (chunk) => arrived.push(String(chunk)))
    left.write('ping')
    expect(arrived).toEqual([])
    await once(right, 'data')
    expect(arrived).toEqual(['ping'])
    right.write('pong')
    expect(String((await once(left, 'data'))[0])).toBe('pong')
  })

  it('copies, so that a reader may change its bytes', async () => {
    const [left, right] = duplexPair()
    const sent = Buffer.from('hello')
    left.write(sent)
    const [chunk] = await once(right, 'data')
    chunk.fill(0)
    expect(sent.toString()).toBe('hello')
  })

  it('holds a write back until the reader has room', async () => {
    const [left, right] = duplexPair({ highWaterMark: 4 })
    const done: string[] = []
    expect(left.write('12345', () => done.push('first'))).toBe(false)
    left.write('6', () => done.push('second'))
    await once(right, 'readable')
    expect(done).toEqual([])
    expect(String(right.read())).toBe('12345')
    await once(left, 'drain')
    expect(done).toEqual(['first', 'second'])
    expect(String(right.read())).toBe('6')
  })

  it('ends one direction and keeps the other', async () => {
    const [left, right] = duplexPair()
    const ended = once(right.resume(), 'end')
    left.end()
    await ended
    right.write('still here')
    expect(String((await once(left, 'data'))[0])).toBe('still here')
    right.end()
    await Promise.all([finished(left), finished(right)])
  })

  it('ends both directions where half-open is not allowed', async () => {
    const [left, right] = duplexPair({ allowHalfOpen: false })
    left.resume().end()
    right.resume()
    await Promise.all([finished(left), finished(right)])
    expect([left.destroyed, right.destroyed]).toEqual([true, true])
  })

  it('ends the reader and breaks the writes of its peer when destroyed', async () => {
    const [left, right] = duplexPair()
    const ended = once(right.resume(), 'end')
    left.destroy()
    await ended
    const failed = once(right, 'error')
    right.write('nobody')
    expect((await failed)[0].code).toBe('EPIPE')
  })

  it('breaks a write that waits for room when the reader is destroyed', async () => {
    const [left, right] = duplexPair({ highWaterMark: 1 })
    const failed = once(left, 'error')
    left.write('waiting')
    await once(right, 'readable')
    right.destroy()
    expect((await failed)[0].code).toBe('EPIPE')
  })

  it('passes an error of its own to its own side alone', async () => {
    const [left, right] = duplexPair()
    const [failed, ended] = [once(left, 'error'), once(right.resume(), 'end')]
    left.destroy(new Error('out of order'))
    expect((await failed)[0].message).toBe('out of order')
    await ended
    expect(right.errored).toBeNull()
  })
})
