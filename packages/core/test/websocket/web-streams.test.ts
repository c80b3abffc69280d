import { once } from 'node:events'
import { binary, close, text } from '@upwire/testkit'
import { describe, expect, it } from 'vitest'
import { WebSocketError } from '../../src/websocket/web-streams.ts'
import { WebSocket } from '../../src/websocket/websocket.ts'
import { BlockableTransport } from '../support/blockable-transport.ts'
import { open, openPair } from '../support/open-pair.ts'
import { turns } from '../support/turns.ts'

const KIB = 1024

function opened() {
  const transport = new BlockableTransport()
  return { transport, ...open(transport) }
}

describe('the readable of a socket', () => {
  it('gives its messages, text as strings and binary as Buffers, and closes after a closing handshake', async () => {
    const { socket, peer } = openPair()
    peer.write(text('Hello'), binary(Buffer.of(1)), close(1000))
    const read: unknown[] = []
    for await (const message of socket.readable) read.push(message)
    expect(read).toEqual(['Hello', Buffer.of(1)])
    expect(await peer.nextClose()).toEqual({ code: 1000, reason: '' })
  })

  it('is the same each time, and one of the web', () => {
    const { socket } = openPair()
    expect(socket.readable).toBe(socket.readable)
    expect(socket.readable).toBeInstanceOf(ReadableStream)
  })

  it('errors where the connection ends without a closing handshake', async () => {
    const { socket, peer } = openPair()
    const reader = socket.readable.getReader()
    peer.reset()
    const error = await reader.read().catch((error: unknown) => error)
    expect(error).toBeInstanceOf(WebSocketError)
    expect(error).toMatchObject({ name: 'WebSocketError', closeCode: 1006, reason: '' })
  })

  it('closes at once where the connection was closed before', async () => {
    const { socket, peer } = openPair({ hooks: {} })
    peer.write(close(1000))
    await once(socket, 'close')
    expect(await socket.readable.getReader().read()).toEqual({ done: true, value: undefined })
  })

  it('reads no further ahead than the bound on messages that are held', async () => {
    const { socket, transport } = opened()
    const { readable } = socket
    for (let count = 0; count < 10; count++) {
      transport.arrive(binary(Buffer.alloc(20 * KIB)))
      await turns(1)
    }
    expect(transport.isPaused()).toBe(true)
    const reader = readable.getReader()
    for (let count = 0; count < 10; count++) await reader.read()
    expect(transport.readableLength).toBe(0)
  })

  it.each([
    ['a code and a reason', new WebSocketError('', { closeCode: 4000, reason: 'enough' }), 4000, 'enough'],
    ['a reason', new WebSocketError('', { reason: 'enough' }), 1000, 'enough'],
    ['nothing of that', new Error('whatever'), 1005, ''],
  ])('closes the connection when it is cancelled, with %s', async (_with, cause, code, reason) => {
    const { socket, peer } = openPair()
    await socket.readable.cancel(cause)
    expect(await peer.nextClose()).toEqual({ code, reason })
  })

  it('needs an open connection', () => {
    expect(() => new WebSocket(null).readable).toThrow('This socket has no connection yet')
  })
})

describe('the writable of a socket', () => {
  it('sends what is written, strings as text and bytes as binary', async () => {
    const { socket, peer } = openPair()
    const writer = socket.writable.getWriter()
    await writer.write('Hello')
    await writer.write(Uint8Array.of(1))
    const frames = await peer.frames(2)
    expect(frames.map(({ opcode, payload }) => [opcode, payload.toString('hex')])).toEqual([
      [1, '48656c6c6f'],
      [2, '01'],
    ])
    expect(socket.writable).toBe(socket.writable)
  })

  it('takes the next chunk when the peer has room for it', async () => {
    const { socket, transport } = opened()
    transport.block()
    const writer = socket.writable.getWriter()
    const written: number[] = []
    for (const chunk of [1, 2]) void writer.write(Buffer.alloc(20 * KIB)).then(() => written.push(chunk))
    await turns()
    expect([written, socket.bufferedAmount]).toEqual([[], 20 * KIB + 4])
    transport.unblock()
    await turns()
    expect(written).toEqual([1, 2])
  })

  it('closes the connection when it is closed, and is closed when that is', async () => {
    const { socket, peer } = openPair({ hooks: {} })
    const closed = socket.writable.close()
    expect(await peer.nextClose()).toEqual({ code: 1005, reason: '' })
    let isClosed = false
    void closed.then(() => {
      isClosed = true
    })
    await turns()
    expect(isClosed).toBe(false)
    peer.write(close())
    await closed
  })

  it('closes the connection with the code of its abort', async () => {
    const { socket, peer } = openPair()
    await socket.writable.abort(new WebSocketError('', { closeCode: 3001 }))
    expect(await peer.nextClose()).toEqual({ code: 3001, reason: '' })
  })

  it.each([
    ['after a closing handshake', () => close(1000), { name: 'InvalidStateError' }],
    ['without one', undefined, { name: 'WebSocketError', closeCode: 1006 }],
  ])('errors when the connection has ended %s', async (_how, frame, error) => {
    const { socket, peer } = openPair({ hooks: {} })
    const writer = socket.writable.getWriter()
    const closed = writer.closed.catch((error: unknown) => error)
    if (frame) peer.write(frame())
    else peer.reset()
    expect(await closed).toMatchObject(error)
    await expect(writer.write('late')).rejects.toMatchObject(error)
  })

  it('has nothing left to close where the connection is closed', async () => {
    const { socket } = openPair({ hooks: {} })
    socket.terminate()
    await once(socket, 'close')
    await socket.writable.close()
  })

  it('rejects its close where the closing handshake fails', async () => {
    const { socket, peer } = openPair({ hooks: {} })
    const closed = socket.writable.close()
    await peer.nextClose()
    peer.reset()
    await expect(closed).rejects.toMatchObject({ name: 'WebSocketError', closeCode: 1006 })
  })
})

it('makes an echo of both', async () => {
  const { socket, peer } = openPair()
  const echo = socket.readable.pipeTo(socket.writable)
  peer.write(text('Hello'))
  expect(await peer.texts(1)).toEqual(['Hello'])
  peer.write(close(1000))
  await echo.catch(() => {})
  expect(await peer.nextClose()).toEqual({ code: 1000, reason: '' })
})
