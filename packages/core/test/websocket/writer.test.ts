import { once } from 'node:events'
import { text } from '@upwire/testkit'
import { describe, expect, it, vi } from 'vitest'
import { TopicHub } from '../../src/topics/topic-hub.ts'
import type { WebSocket } from '../../src/websocket/websocket.ts'
import { HIGH_WATER_MARK, openBlockable as open } from '../support/open-blockable.ts'
import { openOverTcp, openPair } from '../support/open-pair.ts'
import { turns } from '../support/turns.ts'

const KIB = 1024

describe('what is sent', () => {
  it('leaves in one write at the end of the tick', async () => {
    const { socket, transport } = open()
    socket.send('a')
    socket.send(Buffer.of(1))
    socket.ping('p')
    socket.send('b')
    expect(transport.writes).toEqual([])
    await turns(1)
    expect(transport.writes.map((chunks) => Buffer.concat(chunks).toString('hex'))).toEqual([
      '810161' + '820101' + '890170' + '810162',
    ])
  })

  it('leaves in one write for all messages of one chunk', async () => {
    const { transport } = open({
      handler: (socket) => socket.on('message', (data) => socket.send(String(data))),
    })
    transport.arrive(text('1'), text('2'), text('3'))
    await turns(1)
    expect(transport.writes.map((chunks) => Buffer.concat(chunks).toString('hex'))).toEqual([
      '810131' + '810132' + '810133',
    ])
  })

  it('keeps its order, small and large', async () => {
    const { socket, frames } = open()
    const [large, huge] = ['l'.repeat(17 * KIB), Buffer.alloc(100 * KIB, 'h')]
    socket.send('1')
    socket.send(large)
    socket.send('2')
    socket.send(huge)
    socket.ping('3')
    await turns(1)
    expect(frames()).toEqual(['81:1', `81:${large}`, '81:2', `82:${huge}`, '89:3'])
  })
})

describe('send()', () => {
  it('returns true up to the high-water mark, false above it', () => {
    const { socket } = open()
    const half = Buffer.alloc(HIGH_WATER_MARK / 2 - 4)
    expect([socket.send(half), socket.send(half), socket.send('')]).toEqual([true, false, false])
  })

  it.each(['one large message', 'many small ones', 'what is published'])(
    "has 'drain' follow once where it returned false for %s, also when all is taken at once",
    async (what) => {
      const topics = new TopicHub()
      const hook = vi.fn()
      const listener = vi.fn()
      const { socket } = open({ topics, hooks: { drain: hook } })
      socket.on('drain', listener).subscribe('news')
      if (what === 'one large message') expect(socket.send(Buffer.alloc(1000 * KIB))).toBe(false)
      else if (what === 'what is published') topics.publish('news', Buffer.alloc(1000 * KIB))
      else for (let sent = 0; sent <= HIGH_WATER_MARK; sent += KIB) socket.send(Buffer.alloc(KIB))
      await turns()
      expect([hook.mock.calls, listener.mock.calls]).toEqual([[[socket]], [[]]])
      socket.send('small')
      await turns()
      expect(listener).toHaveBeenCalledTimes(1)
    },
  )

  it("has no 'drain' follow where it returned true", async () => {
    const listener = vi.fn()
    const { socket } = open()
    expect(socket.on('drain', listener).send('small')).toBe(true)
    await turns()
    expect(listener).not.toHaveBeenCalled()
  })

  it("has 'drain' follow when a peer that did not read reads on", async () => {
    const { socket, transport } = open()
    const listener = vi.fn()
    socket.on('drain', listener)
    transport.block()
    for (let count = 0; count < 3; count++) {
      expect(socket.send(Buffer.alloc(HIGH_WATER_MARK))).toBe(false)
      await turns()
    }
    expect(listener).not.toHaveBeenCalled()
    transport.unblock()
    await turns()
    expect(listener).toHaveBeenCalledTimes(1)
  })

  it("has 'drain' follow where the stream has drained before it was given the last part", async () => {
    const { socket, transport } = open()
    const listener = vi.fn()
    socket.on('drain', listener)
    transport.block()
    expect(socket.send(Buffer.alloc(HIGH_WATER_MARK - 1000))).toBe(true)
    await turns()
    expect(socket.send(Buffer.alloc(2000))).toBe(false)
    transport.unblock()
    await turns()
    expect([transport.writableLength, listener.mock.calls.length]).toEqual([0, 1])
  })

  it("can be paced by 'drain', over a network", async () => {
    const { socket, peer } = await openOverTcp()
    const payload = Buffer.alloc(10 * KIB, 'p')
    const highest = Math.max(HIGH_WATER_MARK, ...(await paced(socket, payload, 500)))
    const frames = await peer.frames(500)
    expect(frames.every((frame) => frame.payload.equals(payload))).toBe(true)
    expect(highest).toBeLessThan(HIGH_WATER_MARK + 2 * payload.length + 100)
  })

  it("can be paced by 'drain', in memory", async () => {
    const { socket, peer } = openPair()
    await paced(socket, Buffer.alloc(KIB), 500)
    expect(await peer.frames(500)).toHaveLength(500)
  })

  /** Sends so many times, waiting whenever it is told to, and gives what was buffered then. */
  async function paced(socket: WebSocket, payload: Buffer, count: number): Promise<number[]> {
    const buffered: number[] = []
    for (let sent = 0; sent < count; sent++) {
      if (socket.send(payload)) continue
      buffered.push(socket.bufferedAmount)
      await once(socket, 'drain')
    }
    return buffered
  }
})

describe('the stream below, once the program has asked for it,', () => {
  it('has what was sent before the program writes to it, and then what is sent at once', () => {
    const { socket, transport } = open()
    socket.send('a')
    socket._socket?.write(Buffer.from('810162', 'hex'))
    socket.send('c')
    expect(transport.written.toString('hex')).toBe('810161' + '810162' + '810163')
  })

  it('still has the answers to one chunk together', async () => {
    const { socket, transport } = open({ hooks: { message: (socket, data) => void socket.send(data) } })
    expect(socket._socket).toBe(transport)
    transport.arrive(text('1'), text('2'))
    await turns(1)
    expect(transport.writes.map((chunks) => Buffer.concat(chunks).toString('hex'))).toEqual([
      '810131' + '810132',
    ])
  })
})
