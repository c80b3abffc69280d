import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { createServer as createSecureServer } from 'node:tls'
import { afterEach, describe, expect, it } from 'vitest'
import { close, ping, text } from '../src/frames.ts'
import { expectNoHandles, openHandles } from '../src/leak-check.ts'
import {
  handshakeBytes,
  RawClient,
  rawConnect,
  rawRequest,
  rawUpgrade,
  SAMPLE_ACCEPT,
} from '../src/raw-client.ts'

const ACCEPTED = `HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: ${SAMPLE_ACCEPT}\r\n\r\n`
const ends: (() => void)[] = []

afterEach(() => {
  for (const end of ends.splice(0)) end()
})

/** A server that answers the first bytes of a connection with `answer`, and gives what it was sent and its side. */
async function serve(answer: string | Uint8Array) {
  const server = createServer({ allowHalfOpen: true }, (stream) => {
    ends.push(() => stream.destroy())
    stream.on('error', () => undefined)
    stream.once('data', (request) => {
      stream.write(answer)
      server.emit('request', request, stream)
    })
  })
  const requested = once(server, 'request') as Promise<[Buffer, Socket]>
  await once(server.listen(0, '127.0.0.1'), 'listening')
  ends.push(() => server.close())
  return { server, requested }
}

async function upgraded(frames: Uint8Array = Buffer.alloc(0)) {
  const { server, requested } = await serve(Buffer.concat([Buffer.from(ACCEPTED), frames]))
  const client = await rawUpgrade(server)
  const [, stream] = await requested
  return { client, stream }
}

describe('the opening handshake', () => {
  it('is a good one by default', async () => {
    const { server, requested } = await serve(ACCEPTED)
    const { port } = server.address() as { port: number }
    const client = await rawUpgrade(port)
    const [request] = await requested
    expect(request.toString()).toBe(
      `GET / HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\nupgrade: websocket\r\nconnection: Upgrade\r\n` +
        'sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-version: 13\r\n\r\n',
    )
    expect(client.status).toBe(101)
    expect(client.statusText).toBe('Switching Protocols')
    expect(client.headers.get('sec-websocket-accept')).toEqual([SAMPLE_ACCEPT])
    expect(client.head).toBe(ACCEPTED)
    client.end()
  })

  it('is sent on a connection that was there before', async () => {
    const { server, requested } = await serve(ACCEPTED)
    const { transport, request } = await rawConnect(server)
    expect(transport.bytesWritten).toBe(0)
    const client = await request(handshakeBytes(server, { path: '/chat' }))
    expect(String((await requested)[0])).toMatch(/^GET \/chat HTTP\/1\.1\r\nhost: /)
    expect(client.head).toBe(ACCEPTED)
    client.end()
  })

  it('is changed header by header, and carries bytes in the same packet', async () => {
    const { server, requested } = await serve(ACCEPTED)
    const headers = { Host: null, Cookie: ['a=1', 'b=2'], 'Sec-WebSocket-Version': '8' }
    const after = text('hi')
    const client = await rawUpgrade(server, { method: 'POST', path: '/chat?a=b', headers, after })
    const [request] = await requested
    expect(request.toString('latin1')).toBe(
      'POST /chat?a=b HTTP/1.1\r\nupgrade: websocket\r\nconnection: Upgrade\r\n' +
        'sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-version: 8\r\ncookie: a=1\r\ncookie: b=2\r\n\r\n' +
        after.toString('latin1'),
    )
    client.end()
  })

  it('takes a request-target of any form', async () => {
    const { server, requested } = await serve(ACCEPTED)
    const { port } = server.address() as { port: number }
    const client = await rawUpgrade({ port }, { target: 'http://other/\xff' })
    const [request] = await requested
    expect(request.toString('latin1')).toContain('GET http://other/\xff HTTP/1.1\r\n')
    client.end()
  })

  it('fails where nobody listens', async () => {
    const server = createServer()
    await expect(rawUpgrade(server)).rejects.toThrow('does not listen on a port')
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const { port } = server.address() as { port: number }
    server.close()
    await once(server, 'close')
    await expect(rawUpgrade(port)).rejects.toThrow('ECONNREFUSED')
  })
})

describe('an answer', () => {
  it('has its body to any bytes that were sent', async () => {
    const { server, requested } = await serve('HTTP/1.1 400 Bad Request\r\nContent-Length: 3\r\n\r\nno!')
    const client = await rawRequest(server, '\x16\x03\x01')
    expect((await requested)[0].toString('hex')).toBe('160301')
    expect(client).toBeInstanceOf(RawClient)
    expect(await client.body()).toBe('no!')
    expect(client.hasEnded).toBe(false)
    client.end()
  })

  it('has all until the end as its body where no length was announced', async () => {
    const { server, requested } = await serve('HTTP/1.1 404 Not Found\r\n\r\nno')
    const client = await rawRequest(server, 'GET / HTTP/1.1\r\n\r\n')
    const body = client.body()
    const [, stream] = await requested
    stream.end('body')
    expect(await body).toBe('nobody')
    await client.ended
    expect(client.hasEnded).toBe(true)
  })
})

describe('an open connection', () => {
  it('is over TLS where asked for, RST too', async () => {
    const psk = Buffer.alloc(16, 'k')
    const tls = { ciphers: 'PSK', maxVersion: 'TLSv1.2' } as const
    const server = createSecureServer({ ...tls, pskCallback: () => psk }, (stream) => {
      stream.once('data', () => stream.write(Buffer.concat([Buffer.from(ACCEPTED), text('safe')])))
    })
    ends.push(() => server.close())
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const connected = once(server, 'secureConnection')
    const pskCallback = () => ({ psk, identity: 'tester' })
    const client = await rawUpgrade(server, {
      tls: { ...tls, pskCallback, checkServerIdentity: () => undefined },
    })
    expect((await client.nextFrame()).payload.toString()).toBe('safe')

    const [stream] = await connected
    const error = once(stream, 'error')
    client.reset()
    expect((await error)[0].code).toBe('ECONNRESET')
    await client.ended
  })

  it('leaves nothing open when it is reset after it has ended', async () => {
    const before = openHandles()
    const { client, stream } = await upgraded()
    stream.end()
    await client.ended
    client.reset()
    await once(stream, 'close')
    for (const end of ends.splice(0)) end()
    await expectNoHandles(before)
  })

  it('gives frames one by one, also those that came with the 101', async () => {
    const frames = [text('one'), text('two'), text('three')].map((bytes) => bytes)
    const { client, stream } = await upgraded(Buffer.concat([frames[0], frames[1].subarray(0, 3)]))
    expect((await client.nextFrame()).payload.toString()).toBe('one')
    stream.write(frames[1].subarray(3))
    stream.write(frames[2])
    expect((await client.frames(2)).map(({ payload }) => payload.toString())).toEqual(['two', 'three'])
    expect(client.received).toEqual(Buffer.concat(frames))
    expect(await client.receive(2)).toEqual(Buffer.from('8183', 'hex'))
    client.end()
  })

  it('gives the next Close, over what comes before it', async () => {
    const { client, stream } = await upgraded(ping())
    stream.write(Buffer.concat([text('one'), close(1001, 'bye'), close(1002)]))
    expect(await client.nextClose()).toEqual({ code: 1001, reason: 'bye' })
    expect(await client.nextClose()).toEqual({ code: 1002, reason: '' })
    client.end()
  })

  it('sends bytes, then FIN, and still receives', async () => {
    const { client, stream } = await upgraded()
    const received = once(stream, 'data')
    const ended = once(stream, 'end')
    client.write('bytes')
    expect((await received)[0].toString()).toBe('bytes')
    client.end()
    await ended
    stream.end(text('late'))
    expect((await client.nextFrame()).payload.toString()).toBe('late')
    await client.ended
  })

  it('sends RST', async () => {
    const { client, stream } = await upgraded()
    const error = once(stream, 'error')
    client.reset()
    expect((await error)[0].code).toBe('ECONNRESET')
    await client.ended
  })

  it('sees an RST as its end', async () => {
    const { client, stream } = await upgraded()
    stream.resetAndDestroy()
    await client.ended
    await expect(client.nextFrame()).rejects.toThrow('ECONNRESET')
  })

  it('stops reading until told to go on', async () => {
    const { client, stream } = await upgraded()
    client.pauseReading()
    stream.write(text('hi'), () => client.resumeReading())
    expect((await client.nextFrame()).payload.toString()).toBe('hi')
    client.end()
  })
})
