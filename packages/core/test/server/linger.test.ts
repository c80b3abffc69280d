import { once } from 'node:events'
import { duplexPair } from '@upwire/testkit'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { endWithLinger } from '../../src/server/linger.ts'

const response = Buffer.from('HTTP/1.1 403 Forbidden\r\n\r\n')

describe('a stream that ends behind a response', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
  afterEach(() => void vi.useRealTimers())

  it('sends the last bytes and its end', async () => {
    const [stream, peer] = duplexPair()
    const ended = once(peer, 'end')
    const chunks: Buffer[] = []
    peer.on('data', (chunk) => chunks.push(chunk))
    endWithLinger(stream, response)
    await ended
    expect(Buffer.concat(chunks)).toEqual(response)
    stream.destroy()
  })

  it('reads and drops what the peer still sends, and closes with it', async () => {
    const [stream, peer] = duplexPair()
    const closed = once(stream, 'close')
    peer.resume()
    endWithLinger(stream)
    peer.write(Buffer.alloc(100_000))
    peer.end()
    await closed
    expect(stream.readableEnded).toBe(true)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('is cut off 2 s later when the peer does not end', async () => {
    const [stream, peer] = duplexPair()
    const closed = once(stream, 'close')
    peer.resume()
    endWithLinger(stream, response)
    vi.advanceTimersByTime(1_999)
    expect(stream.destroyed).toBe(false)
    vi.advanceTimersByTime(1)
    expect(stream.destroyed).toBe(true)
    await closed
  })
})
