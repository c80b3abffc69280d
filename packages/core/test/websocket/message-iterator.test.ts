import { binary, close, text } from '@upwire/testkit'
import { describe, expect, it } from 'vitest'
import type { Message } from '../../src/websocket/hooks.ts'
import type { WebSocket } from '../../src/websocket/websocket.ts'
import { openOverTcp, openPair } from '../support/open-pair.ts'
import { turns } from '../support/turns.ts'

/** Takes messages until `enough` of them are there, or the connection has ended. */
async function take(socket: WebSocket, enough = Number.POSITIVE_INFINITY): Promise<Message[]> {
  const messages: Message[] = []
  for await (const message of socket) {
    if (messages.push(message) >= enough) break
  }
  return messages
}

const numbered = (count: number, start = 0) =>
  Array.from({ length: count }, (_, index) => String(start + index))

describe('a loop over the messages', () => {
  it('gets text as strings, binary as Buffers, and ends with the connection', async () => {
    const { socket, peer } = openPair()
    peer.write(text('€'), binary(Buffer.of(1, 2)), text(''), close(1000))
    expect(await take(socket)).toEqual(['€', Buffer.of(1, 2), ''])
  })

  it('gets what arrived before it began', async () => {
    const { socket, peer } = openPair()
    peer.write(text('1'), text('2'))
    await turns(100)
    peer.write(text('3'), close(1000))
    expect(await take(socket)).toEqual(['1', '2', '3'])
  })

  it('gets every message in order, however slowly it takes them', async () => {
    const { socket, peer } = openPair()
    for (let start = 0; start < 3000; start += 300) peer.write(...numbered(300, start).map((n) => text(n)))
    peer.write(close(1000))
    const messages: Message[] = []
    for await (const message of socket) {
      if (messages.push(message) % 50 === 0) await turns(1)
    }
    expect(messages).toEqual(numbered(3000))
  })

  it('gets 100,000 messages of one chunk', async () => {
    const { socket, peer } = openPair()
    const message = text('')
    peer.write(Buffer.concat(Array.from({ length: 100_000 }, () => message)), close(1000))
    let count = 0
    for await (const _message of socket) count++
    expect(count).toBe(100_000)
  })

  it('is refused where a hook takes them: it would wait for ever', () => {
    const { socket } = openPair({ hooks: { message: () => {} } })
    expect(() => socket[Symbol.asyncIterator]()).toThrow(TypeError)
    expect(() => socket[Symbol.asyncIterator]()).toThrow('go to the message hook of its route')
  })

  it('keeps the connection and its messages when it is left, for the next loop', async () => {
    const { socket, peer } = openPair()
    peer.write(text('1'), text('2'), text('3'))
    expect(await take(socket, 1)).toEqual(['1'])
    await turns()
    expect(socket.readyState).toBe(1)
    peer.write(text('4'), close(1000))
    expect(await take(socket, 2)).toEqual(['2', '3'])
    expect(await take(socket)).toEqual(['4'])
  })

  it('has the reply of its body sent before the Close frame that follows in the same chunk is answered', async () => {
    const { socket, peer } = openPair()
    peer.write(text('1'), text('2'), close(1000))
    for await (const message of socket) {
      await turns()
      socket.send(`re: ${message}`)
    }
    const frames = await peer.frames(3)
    expect(frames.map(({ payload }) => payload.toString('latin1'))).toEqual(['re: 1', 're: 2', '\x03\xe8'])
  })

  it('ends when the connection was reset while its body was at work', async () => {
    const { socket, peer } = await openOverTcp()
    const messages: Message[] = []
    peer.write(text('1'))
    for await (const message of socket) {
      messages.push(message)
      const closed = new Promise((resolve) => socket.once('close', resolve))
      peer.reset()
      await closed
    }
    expect(messages).toEqual(['1'])
  })

  it('holds the closing handshake up for closeTimeout at the most', async () => {
    const { socket, peer } = await openOverTcp({ limits: { closeTimeout: 100 } })
    const messages: Message[] = []
    const loop = (async () => {
      for await (const message of socket) {
        messages.push(message)
        await new Promise((resolve) => socket.once('close', resolve))
      }
    })()
    peer.write(text('1'), close(1000))
    await loop
    expect(messages).toEqual(['1'])
  })

  it('ends at once where the connection has ended before it began', async () => {
    const { socket, peer } = openPair()
    const closed = new Promise((resolve) => socket.once('close', resolve))
    peer.write(close(1000))
    await closed
    expect(await take(socket)).toEqual([])
  })

  it.each([
    ['with hooks', { hooks: { message() {} } }],
    ['with hooks that take no messages', { hooks: { close() {} } }],
  ])('ends at once on a connection %s that has ended', async (_how, options) => {
    const { socket, peer } = openPair(options)
    const closed = new Promise((resolve) => socket.once('close', resolve))
    peer.write(close(1000))
    await closed
    expect(await take(socket)).toEqual([])
  })

  it('ends without an error when the peer resets the connection', async () => {
    const { socket, peer } = openPair()
    const loop = take(socket)
    peer.write(text('1'))
    await turns()
    peer.reset()
    expect(await loop).toEqual(['1'])
  })
})

describe('the iterator itself', () => {
  it('answers calls of next() in their order', async () => {
    const { socket, peer } = openPair()
    const messages = socket[Symbol.asyncIterator]()
    const results = Promise.all([messages.next(), messages.next(), messages.next()])
    peer.write(text('1'), text('2'), close(1000))
    expect(await results).toEqual([
      { done: false, value: '1' },
      { done: false, value: '2' },
      { done: true, value: undefined },
    ])
    expect(await messages.next()).toEqual({ done: true, value: undefined })
  })

  it('is over once return() was called, and tells those who wait', async () => {
    const { socket, peer } = openPair()
    const messages = socket[Symbol.asyncIterator]()
    const waiting = messages.next()
    expect(await messages.return?.()).toEqual({ done: true, value: undefined })
    expect(await waiting).toEqual({ done: true, value: undefined })
    expect(await messages.next()).toEqual({ done: true, value: undefined })
    expect(await messages.return?.()).toEqual({ done: true, value: undefined })
    peer.write(text('for the next loop'), close(1000))
    expect(await take(socket)).toEqual(['for the next loop'])
  })

  it('is its own iterator', () => {
    const messages = openPair().socket[Symbol.asyncIterator]()
    expect(messages[Symbol.asyncIterator]()).toBe(messages)
  })

  it('waits beside another one: each gets one message, in the order in which they asked', async () => {
    const { socket, peer } = openPair()
    const [first, second] = [socket[Symbol.asyncIterator](), socket[Symbol.asyncIterator]()]
    const results = [second.next(), first.next()]
    peer.write(text('1'), text('2'))
    expect((await Promise.all(results)).map(({ value }) => value)).toEqual(['1', '2'])
  })

  it('gets the message that another one waited for before it was left', async () => {
    const { socket, peer } = openPair()
    const [left, waiting] = [socket[Symbol.asyncIterator](), socket[Symbol.asyncIterator]()]
    const results = [left.next(), waiting.next()]
    await left.return?.()
    peer.write(text('1'))
    expect((await Promise.all(results)).map(({ value }) => value)).toEqual([undefined, '1'])
  })

  it('shares the messages with another one: each goes to one of them, and both end', async () => {
    const { socket, peer } = openPair()
    const loops = [take(socket), take(socket)]
    peer.write(...numbered(6).map((n) => text(n)), close(1000))
    const taken = await Promise.all(loops)
    expect(taken.flat().sort()).toEqual(numbered(6))
  })
})
