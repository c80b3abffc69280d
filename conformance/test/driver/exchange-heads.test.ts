import { duplexPair } from '@upwire/testkit'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { receiveHead, sendHead } from '../../driver/exchange-heads.ts'

const HEAD = Buffer.from('HTTP/1.1 200 OK\r\nA: 1\r\n\r\n')

afterEach(() => {
  vi.useRealTimers()
})

describe('receiving a head', () => {
  it('takes it in any pieces, and leaves the stream paused behind it', async () => {
    const [near, far] = duplexPair()
    const received = receiveHead(near)
    for (const octet of HEAD) far.write(Buffer.of(octet))
    far.write('rest')
    expect((await received).head).toEqual({ startLine: 'HTTP/1.1 200 OK', headers: new Map([['a', '1']]) })
    expect(near.isPaused()).toBe(true)
    near.destroy()
  })

  it('gives what came in one chunk with it', async () => {
    const [near, far] = duplexPair()
    const received = receiveHead(near)
    far.write(Buffer.concat([HEAD, Buffer.from('rest')]))
    expect(String((await received).rest)).toBe('rest')
    near.destroy()
  })

  it('is over when the connection ends, or brings what is no head', async () => {
    const [ended, itsPeer] = duplexPair()
    itsPeer.end('HTTP/1.1')
    await expect(receiveHead(ended)).rejects.toThrow('ended the connection in the opening handshake')
    const [wrong, wrongPeer] = duplexPair()
    wrongPeer.write('HTTP/1.1 200 OK\r\nnothing\r\n\r\n')
    await expect(receiveHead(wrong)).rejects.toThrow('without a name')
  })

  it('is over when nothing has come for ten seconds', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const [near] = duplexPair()
    const received = expect(receiveHead(near)).rejects.toThrow(
      'did not end its part of the opening handshake',
    )
    await vi.advanceTimersByTimeAsync(10_000)
    await received
  })
})

describe('sending a head', () => {
  it.each([
    [undefined, [25]],
    ['with first frame' as const, [25]],
    [10, [10, 10, 5]],
  ])('goes by %s in writes of %j bytes', async (chop, sizes) => {
    const [near, far] = duplexPair()
    const received: number[] = []
    far.on('data', (chunk) => received.push(chunk.length))
    await sendHead(near, HEAD, chop)
    expect(received).toEqual(sizes)
    near.destroy()
  })
})
