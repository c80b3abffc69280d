import { once } from 'node:events'
import { binary, close, text, watchEachTest } from '@upwire/testkit'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import '../../src/client/connect.ts'
import { WebSocket } from '../../src/websocket/websocket.ts'
import { createWebSocketStream } from '../../src/ws/websocket-stream.ts'
import { rawServer, switching } from '../client/servers.ts'
import { BlockableTransport } from '../support/blockable-transport.ts'
import { open, openPair } from '../support/open-pair.ts'
import { turns } from '../support/turns.ts'

const KIB = 1024

watchEachTest()

function streaming(options?: Parameters<typeof createWebSocketStream>[1]) {
  const { socket, peer } = openPair()
  const stream = createWebSocketStream(socket, options)
  const events: string[] = []
  stream
    .on('error', (error) => events.push(`error ${error.message}`))
    .on('finish', () => events.push('finish'))
    .on('end', () => events.push('end'))
    .on('close', () => events.push('close'))
  return { socket, peer, stream, events }
}

describe('a stream over a socket', () => {
  it('sends what is written and reads what arrives', async () => {
    const { stream, peer } = streaming()
    stream.write('text')
    stream.write(Buffer.of(1))
    expect((await peer.frames(2)).map(({ opcode, payload }) => [opcode, payload])).toEqual([
      [2, Buffer.from('text')],
      [2, Buffer.of(1)],
    ])
    peer.write(text('a'), binary(Buffer.from('b')))
    const [read] = await once(stream, 'data')
    expect([read, stream.read()]).toEqual([Buffer.from('a'), null])
  })

  it('takes the options of a Duplex', async () => {
    const { stream, peer } = streaming({ encoding: 'utf8', readableHighWaterMark: 4 })
    peer.write(text('é'))
    expect(await once(stream, 'data')).toEqual(['é'])
    expect(stream.readableHighWaterMark).toBe(4)
  })

  it('gives texts as strings in object mode, and binary as it is', async () => {
    const { stream, peer } = streaming({ readableObjectMode: true })
    const read: unknown[] = []
    stream.on('data', (data) => read.push(data))
    peer.write(text('é'), binary(Buffer.of(1)))
    await turns()
    expect(read).toEqual(['é', Buffer.of(1)])
  })

  it('ends with the closing handshake that it starts', async () => {
    const { stream, peer, events } = streaming()
    stream.resume()
    stream.end('last')
    expect(await peer.texts(1)).toEqual(['last'])
    expect(await peer.nextClose()).toEqual({ code: 1005, reason: '' })
    peer.write(close())
    await once(stream, 'close')
    expect(events).toEqual(['finish', 'end', 'close'])
  })

  it('ends with the closing handshake that the peer starts', async () => {
    const { stream, peer, events } = streaming({ allowHalfOpen: false })
    stream.resume()
    peer.write(close(1000))
    await once(stream, 'close')
    expect(events).toEqual(['end', 'finish', 'close'])
  })

  it('pauses the socket while nobody reads, and resumes it when somebody does', async () => {
    const { stream, socket, peer } = streaming()
    peer.write(binary(Buffer.alloc(stream.readableHighWaterMark)))
    await turns()
    expect(socket.isPaused).toBe(true)
    stream.resume()
    await turns()
    expect(socket.isPaused).toBe(false)
  })

  it('tells who writes when the peer reads again', async () => {
    const transport = new BlockableTransport()
    const { socket } = open(transport)
    const stream = createWebSocketStream(socket)
    transport.block()
    while (stream.write(Buffer.alloc(KIB)));
    await turns()
    transport.unblock()
    await once(stream, 'drain')
    stream.destroy()
    await once(stream, 'close')
  })

  it('terminates the socket when it is destroyed', async () => {
    const { stream, socket, events } = streaming()
    stream.destroy(new Error('enough'))
    await new Promise((resolve) => stream.on('close', resolve))
    expect(socket.readyState).toBe(WebSocket.CLOSED)
    expect(events).toEqual(['error enough', 'close'])
  })

  it('is closed also where the socket was before', async () => {
    const { stream, socket, events } = streaming()
    socket.terminate()
    await once(socket, 'close')
    stream.destroy()
    await once(stream, 'close')
    expect(events).toEqual(['close'])
  })

  it('fails with the error of the socket, which still sends its Close frame', async () => {
    const { stream, peer, events } = streaming()
    const closed = new Promise((resolve) => stream.on('close', resolve))
    peer.write(Buffer.from('8580', 'hex'))
    expect(await peer.nextClose()).toEqual({ code: 1002, reason: '' })
    await closed
    expect(events).toEqual(['error Invalid WebSocket frame: invalid opcode 5', 'close'])
  })

  it('has an error that nobody listens for thrown', async () => {
    const { socket, peer } = openPair()
    createWebSocketStream(socket)
    const uncaught = vi.fn()
    const listeners = process.listeners('uncaughtException')
    process.removeAllListeners('uncaughtException')
    process.once('uncaughtException', uncaught)
    onTestFinished(() => {
      for (const listener of listeners) process.on('uncaughtException', listener)
    })
    peer.write(Buffer.from('8580', 'hex'))
    await turns(5)
    expect(uncaught.mock.calls[0][0]).toMatchObject({ code: 'WS_ERR_INVALID_OPCODE' })
  })
})

describe('a stream over a socket that connects', () => {
  it('waits with writing and with ending until it is open', async () => {
    const got: Buffer[] = []
    const { port } = await rawServer((socket, request) => {
      socket.on('data', (chunk) => got.push(chunk))
      socket.write(switching(request))
    })
    const socket = new WebSocket(`ws://127.0.0.1:${port}`, { generateMask: (key) => void key.fill(0) })
    const stream = createWebSocketStream(socket)
    stream.end('a')
    await once(socket, 'open')
    while (Buffer.concat(got).length < 7 + 6) await turns(1)
    expect(Buffer.concat(got).toString('hex')).toBe('8281' + '00000000' + '61' + '8880' + '00000000')
    stream.destroy()
    await once(stream, 'close')
  })

  it('fails where the handshake does, also when it is ended before', async () => {
    const { port } = await rawServer((socket) => socket.end('HTTP/1.1 404 Not Found\r\n\r\n'))
    const stream = createWebSocketStream(new WebSocket(`ws://127.0.0.1:${port}`))
    stream.end()
    const closed = new Promise((resolve) => stream.on('close', resolve))
    const [error] = await once(stream, 'error')
    expect(error.message).toBe('Unexpected server response: 404')
    await closed
  })
})
