import type { Duplex } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import { binary, close, duplexPair, ping, readFrames, text } from '@upwire/testkit'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { Peer } from '../../driver/peer.ts'
import * as vocabulary from '../../vocabulary/frame.ts'
import { echoOfText } from '../../vocabulary/outcome.ts'
import type { Role } from '../../vocabulary/role.ts'

const unmasked = { mask: false } as const
const KEYS = [{ mask: Buffer.of(1, 2, 3, 4) }, { mask: Buffer.of(5, 6, 7, 8) }] as const

/** A driver, and the stream of the endpoint it talks to. */
function openPeer(
  role: Role,
  rest: Buffer = Buffer.alloc(0),
): { peer: Peer; far: Duplex; sent: () => Buffer } {
  const [near, far] = duplexPair()
  const chunks: Buffer[] = []
  far.on('data', (chunk) => chunks.push(chunk))
  far.on('error', () => {})
  return { peer: new Peer({ stream: near, role, rest }), far, sent: () => Buffer.concat(chunks) }
}

const opcodes = (bytes: Buffer) => readFrames(bytes).frames.map(({ opcode }) => opcode)
const firstEvent = (peer: Peer) => peer.until(() => peer.events.length > 0)

afterEach(() => {
  vi.useRealTimers()
})

describe('what an endpoint sends', () => {
  it('is kept in its order, with what came behind the handshake first', async () => {
    const { peer, far } = openPeer('client', text('a', unmasked))
    far.write(Buffer.concat([binary(Buffer.of(1), unmasked), text('b', unmasked)]))
    await peer.until(() => peer.events.length === 3)
    expect(peer.events).toMatchObject([{ type: 'text' }, { type: 'binary' }, { type: 'text' }])
    far.destroy()
  })

  it('is answered where it is a Ping, and not kept', async () => {
    const { peer, far, sent } = openPeer('client')
    far.write(ping('hi', unmasked))
    await vi.waitUntil(() => opcodes(sent()).length > 0)
    expect(readFrames(sent()).frames).toMatchObject([{ opcode: 0xa, payload: Buffer.from('hi') }])
    expect(peer.events).toEqual([])
    far.destroy()
  })

  it('ends the connection where it breaks a rule', async () => {
    const { peer, far } = openPeer('client')
    far.write(text('masked'))
    await firstEvent(peer)
    expect(peer).toMatchObject({
      hasEnded: true,
      closeCode: 1006,
      events: [{ kind: 'violation', rule: 'sent a masked frame as a server' }],
    })
  })
})

describe('what the driver sends', () => {
  it('is masked by a client and not by a server', async () => {
    for (const role of ['client', 'server'] as const) {
      const { peer, far, sent } = openPeer(role)
      await peer.send([vocabulary.text('Hello')])
      expect(readFrames(sent()).frames).toMatchObject([
        { masked: role === 'client', payload: Buffer.from('Hello') },
      ])
      far.destroy()
    }
  })

  it('may go in pieces, each in a write of its own', async () => {
    const [near, far] = duplexPair()
    const sizes: number[] = []
    far.on('data', (chunk) => sizes.push(chunk.length))
    const peer = new Peer({ stream: near, role: 'server', rest: Buffer.alloc(0) })
    await peer.send([vocabulary.text('Hello'), vocabulary.ping()], 4)
    expect(sizes).toEqual([4, 4, 1])
    far.destroy()
  })
})

describe('the end of a connection', () => {
  it('is a Close of the driver, its answer, and the end of TCP by the server', async () => {
    const { peer, far, sent } = openPeer('client')
    far.once('data', () => far.end(close(1000, '', unmasked)))
    await peer.finish()
    expect(opcodes(sent())).toEqual([0x8])
    expect(peer).toMatchObject({ events: [], closeCode: 1000 })
  })

  it('is ended by the driver where it is the server', async () => {
    const { peer, far } = openPeer('server')
    far.once('data', () => far.write(close(1000, '', KEYS[0])))
    far.once('end', () => far.end())
    await peer.finish()
    expect(peer).toMatchObject({ events: [], closeCode: 1000 })
  })

  it('is an answer of the driver where the endpoint closes first', async () => {
    const { peer, far, sent } = openPeer('client')
    far.end(close(1002, '', unmasked))
    await peer.until(() => peer.hasEnded)
    await peer.finish()
    expect(sent().toString('hex')).toBe('888237fa213d3410')
    expect(peer.closeCode).toBe(1002)
  })

  it('is 1006 where TCP ends without a Close', async () => {
    const { peer, far } = openPeer('client')
    far.end()
    await peer.finish()
    expect(peer).toMatchObject({ events: [], closeCode: 1006 })
  })

  it('leaves nothing to be sent after it', async () => {
    const { peer, far } = openPeer('client')
    far.destroy()
    await peer.until(() => peer.hasEnded)
    await peer.send([vocabulary.text('Hello')], 1)
    expect(peer.hasEnded).toBe(true)
  })

  it('is waited for no longer than ten seconds', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const { peer } = openPeer('client')
    const finished = peer.finish()
    await vi.waitUntil(() => vi.getTimerCount() > 0)
    await vi.advanceTimersByTimeAsync(10_000)
    await vi.waitUntil(() => vi.getTimerCount() > 0 || peer.events.length > 0)
    await vi.advanceTimersByTimeAsync(10_000)
    await finished
    expect(peer.events).toEqual([{ kind: 'violation', rule: 'did not end the TCP connection' }])
  })
})

describe('waiting', () => {
  it('ends at once where there is nothing to wait for', async () => {
    const { peer, far } = openPeer('client')
    expect(await peer.until(() => true)).toBe(true)
    far.destroy()
  })

  it('begins again whenever something moves', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const { peer, far } = openPeer('client')
    const waited = peer.until(() => peer.events.length === 2, 1000)
    for (const _ of [1, 2]) {
      await vi.advanceTimersByTimeAsync(900)
      far.write(text('a', unmasked))
      await turn()
    }
    expect(await waited).toBe(true)
    far.destroy()
  })

  it('gives up when nothing has moved for so long', async () => {
    const { peer, far } = openPeer('client')
    expect(await peer.until(() => false, 1)).toBe(false)
    expect(peer.events).not.toContainEqual(echoOfText('a'))
    far.destroy()
  })
})
