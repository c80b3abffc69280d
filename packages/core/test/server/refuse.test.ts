import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import { text } from 'node:stream/consumers'
import { duplexPair, rawUpgrade } from '@upwire/testkit'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { refuse, refuseFor } from '../../src/server/refuse.ts'
import { openingRequest } from '../handshake/request.ts'
import { listen, pages } from './servers.ts'

const request = openingRequest()

/** A server that does this to each upgrade, and the stream of the last one. */
async function upgrading(
  act: (stream: Duplex) => void,
): Promise<{ server: ReturnType<typeof pages>; stream(): Duplex }> {
  let last: Duplex | undefined
  const server = await listen(pages())
  server.on('upgrade', (_request, stream) => {
    last = stream.on('error', () => {})
    act(stream)
  })
  return { server, stream: () => last! }
}

describe('refuse', () => {
  it('answers with HTTP, the date on it, and ends the stream', async () => {
    const { server } = await upgrading((stream) =>
      refuse(stream, { status: 401, headers: [['X-A', 'b']], body: 'no' }),
    )
    const client = await rawUpgrade(server)
    await client.ended
    expect(client.head).toMatch(/^HTTP\/1\.1 401 Unauthorized\r\nDate: .* GMT\r\nX-A: b\r\n/)
    expect(await client.body()).toBe('no')
  })

  it('is harmless to a stream that is gone', async () => {
    const { server, stream } = await upgrading((stream) => {
      stream.destroy()
      refuse(stream, { status: 401 })
    })
    await expect(rawUpgrade(server)).rejects.toThrow()
    expect(stream().destroyed).toBe(true)
  })

  it('throws for what cannot be said in HTTP, having written nothing', async () => {
    const thrown: unknown[] = []
    const { server } = await upgrading((stream) => {
      try {
        refuse(stream, { status: 999 })
      } catch (error) {
        thrown.push(error)
      }
      stream.end('nothing')
    })
    await expect(rawUpgrade(server)).rejects.toThrow()
    expect(thrown).toEqual([expect.any(RangeError)])
  })
})

describe('a refused peer', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  })

  afterEach(() => {
    expect(vi.getTimerCount()).toBe(0)
    vi.useRealTimers()
  })

  it('reads the response, whatever it has sent, and is left when it closes', async () => {
    const [stream, peer] = duplexPair()
    const closed = once(stream, 'close')
    peer.end(Buffer.alloc(1 << 20))
    refuse(stream, { status: 401, body: 'no' })
    expect(await text(peer)).toMatch(/^HTTP\/1\.1 401 [\s\S]*\r\n\r\nno$/)
    await closed
  })

  it('is cut off after two seconds where it does not close', async () => {
    const [stream] = duplexPair()
    const closed = once(stream, 'close')
    refuse(stream, { status: 401 })
    vi.advanceTimersByTime(1999)
    expect(stream.destroyed).toBe(false)
    vi.advanceTimersByTime(1)
    expect(stream.destroyed).toBe(true)
    await closed
  })
})

describe('refuseFor', () => {
  it('answers an intended refusal and reports nothing', async () => {
    const onError = vi.fn()
    const reason = Object.assign(new Error('Pay first'), { status: 402 })
    const { server } = await upgrading((stream) => refuseFor(reason, stream, request, onError))
    const client = await rawUpgrade(server)
    expect(client.status).toBe(402)
    expect(await client.body()).toBe('Pay first')
    expect(onError).not.toHaveBeenCalled()
  })

  it('answers a fault with 500 and reports it once', async () => {
    const onError = vi.fn()
    const fault = new Error('secret details')
    const { server } = await upgrading((stream) => refuseFor(fault, stream, request, onError))
    const client = await rawUpgrade(server)
    expect(client.status).toBe(500)
    expect(await client.body()).not.toContain('secret')
    expect(onError).toHaveBeenCalledExactlyOnceWith(fault, undefined, request)
  })

  it('answers a refusal that cannot be said in HTTP with 500 and reports why', async () => {
    const onError = vi.fn()
    const reason = Object.assign(new Error('no'), { status: 401, headers: { 'X-A': 'b\r\nX-C: d' } })
    const { server } = await upgrading((stream) => refuseFor(reason, stream, request, onError))
    const client = await rawUpgrade(server)
    expect(client.status).toBe(500)
    expect(client.head).not.toContain('X-C')
    expect(onError).toHaveBeenCalledExactlyOnceWith(expect.any(TypeError), undefined, request)
  })
})
