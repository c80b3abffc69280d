import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { rawRequest, rawUpgrade } from '@upwire/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { UpgradeResponse } from '../../src/server/upgrade-response.ts'

const UNAUTHORIZED = {
  status: 401,
  headers: [['WWW-Authenticate', 'Bearer']],
  body: 'Sign in first',
} as const

interface Upgraded {
  upgrade: UpgradeResponse
  response: ServerResponse
  stream: Duplex
}

let server: Server
const streams: Duplex[] = []

beforeEach(async () => {
  server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
})

afterEach(async () => {
  for (const stream of streams.splice(0)) stream.destroy()
  server.close()
  await once(server, 'close')
})

/** Handles the next upgrade request as a framework would: with a response whose prototype is the framework's own. */
function onUpgrade(handle: (upgraded: Upgraded) => void): void {
  server.once('upgrade', (request: IncomingMessage, stream: Duplex) => {
    stream.on('error', () => {})
    streams.push(stream)
    const upgrade = new UpgradeResponse(request, stream)
    const { response } = upgrade
    Object.setPrototypeOf(response, Object.create(ServerResponse.prototype))
    handle({ upgrade, response, stream })
  })
}

/** Sends an opening handshake and gives both sides of it, before anything is answered. */
async function pendingUpgrade(): Promise<Upgraded & { answer: ReturnType<typeof rawUpgrade> }> {
  const upgraded = new Promise<Upgraded>((resolve) => onUpgrade(resolve))
  const answer = rawUpgrade(server)
  answer.catch(() => {})
  return { ...(await upgraded), answer }
}

/** Ends a response only when told to, as a session store does that saves before. */
function holdEnd(response: ServerResponse): { release(): void } {
  const { end } = response
  let release = () => {}
  response.end = (...args: unknown[]) => {
    response.writeHead(response.statusCode)
    release = () => Reflect.apply(end, response, args)
    return response
  }
  return { release: () => release() }
}

describe('an UpgradeResponse that middleware answers', () => {
  it('is sent with its status, headers and body, and the stream ends behind it', async () => {
    onUpgrade(({ response }) => {
      response.writeHead(402, { 'X-Price': '3', 'Set-Cookie': ['a=1', 'b=2'] })
      response.end('Pay first')
    })
    const client = await rawUpgrade(server)
    await client.ended
    expect(client.status).toBe(402)
    expect(client.headers.get('x-price')).toEqual(['3'])
    expect(client.headers.get('set-cookie')).toEqual(['a=1', 'b=2'])
    expect(client.headers.get('connection')).toEqual(['close'])
    expect(await client.body()).toBe('Pay first')
  })

  it('may be written in pieces', async () => {
    onUpgrade(({ response }) => {
      response.write('Pay ')
      setImmediate(() => response.end('first'))
    })
    const client = await rawUpgrade(server)
    expect(client.status).toBe(200)
    expect(await client.body()).toBe('Pay first')
  })

  it('is answered as soon as its head is sent', async () => {
    const { upgrade, response } = await pendingUpgrade()
    expect(upgrade.state).toBe('pending')
    response.flushHeaders()
    expect(upgrade.state).toBe('answered')
    response.end()
  })

  it('emits close when the peer resets the connection', async () => {
    const { upgrade, response, stream, answer } = await pendingUpgrade()
    const closed = once(response, 'close')
    stream.destroy()
    await closed
    expect(upgrade.state).toBe('gone')
    await expect(answer).rejects.toThrow()
  })

  it('cannot be made while an earlier request on the stream waits for its answer', async () => {
    const refused = new Promise<unknown>((resolve) => {
      server.on('upgrade', (request, stream) => {
        try {
          new UpgradeResponse(request, stream)
        } catch (error) {
          resolve(error)
        }
        stream.destroy()
      })
    })
    const requests =
      'GET /slow HTTP/1.1\r\nHost: x\r\n\r\n' +
      'GET /chat HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'
    await expect(rawRequest(server, requests)).rejects.toThrow()
    expect(await refused).toMatchObject({ code: 'ERR_HTTP_SOCKET_ASSIGNED' })
  })
})

describe('UpgradeResponse.accept()', () => {
  it('hands over the headers in their order, repeated ones kept, and writes nothing', async () => {
    const { upgrade, response, stream, answer } = await pendingUpgrade()
    response.setHeader('X-Request-Id', 7)
    response.setHeader('Set-Cookie', ['a=1', 'b=2'])
    const accepted = new Promise((resolve) => upgrade.accept(resolve))
    expect(await accepted).toEqual([
      ['X-Request-Id', '7'],
      ['Set-Cookie', 'a=1'],
      ['Set-Cookie', 'b=2'],
    ])
    await once(response, 'close')
    stream.end('HTTP/1.1 101 Ours\r\n\r\n')
    expect((await answer).head).toBe('HTTP/1.1 101 Ours\r\n\r\n')
  })

  it('keeps headers that were given to writeHead alone', async () => {
    const { upgrade, response } = await pendingUpgrade()
    const { writeHead } = response
    response.writeHead = (status: number) => writeHead.call(response, status, { 'X-Late': 'yes' })
    const headers = await new Promise((resolve) => upgrade.accept(resolve))
    expect(headers).toContainEqual(['X-Late', 'yes'])
  })

  it('waits for middleware that holds the end back', async () => {
    const { upgrade, response } = await pendingUpgrade()
    const held = holdEnd(response)
    const events: string[] = []
    upgrade.accept(() => events.push('accepted'))
    expect(upgrade.state).toBe('accepting')
    expect(response.headersSent).toBe(true)
    events.push('saved')
    held.release()
    expect(events).toEqual(['saved', 'accepted'])
    expect(upgrade.state).toBe('accepted')
  })

  it('leaves out a body', async () => {
    const { upgrade, response, stream, answer } = await pendingUpgrade()
    const { end } = response
    response.end = () => {
      response.write('a body')
      return end.call(response, 'and more', 'utf8')
    }
    await new Promise((resolve) => upgrade.accept(resolve))
    stream.end('HTTP/1.1 101 Ours\r\n\r\n')
    const client = await answer
    await client.ended
    expect(client.received).toHaveLength(0)
  })

  it('finishes and closes the response with 101, for loggers', async () => {
    const { upgrade, response } = await pendingUpgrade()
    const finished = once(response, 'finish')
    const closed = once(response, 'close')
    upgrade.accept(() => {})
    response.statusCode = 500
    await finished
    expect(response).toMatchObject({
      statusCode: 101,
      statusMessage: 'Switching Protocols',
      headersSent: true,
      writableEnded: true,
      writableFinished: true,
    })
    await closed
    expect(response.destroyed).toBe(true)
  })

  it('leaves an inert response: what an error middleware does to it is ignored, and its callbacks are called', async () => {
    const { upgrade, response, stream, answer } = await pendingUpgrade()
    upgrade.accept(() => {})
    Object.setPrototypeOf(response, Object.create(ServerResponse.prototype))
    response.statusCode = 500
    response.setHeader('X-Late', 'yes').appendHeader('X-Late', 'yes').removeHeader('X-Late')
    response.writeHead(500, { 'X-Late': 'yes' }).flushHeaders()
    await new Promise<void>((resolve) => expect(response.write('late', () => resolve())).toBe(true))
    await new Promise<void>((resolve) => response.end('late', resolve))
    expect(response.hasHeader('X-Late')).toBe(false)
    stream.end('HTTP/1.1 101 Ours\r\n\r\n')
    const client = await answer
    await client.ended
    expect(client.received).toHaveLength(0)
  })

  it('throws what middleware throws, and the response can be answered as if nothing had happened', async () => {
    const { upgrade, response, answer } = await pendingUpgrade()
    const { writeHead } = response
    response.writeHead = () => {
      throw new Error('no cookie secret')
    }
    expect(() => upgrade.accept(() => {})).toThrow('no cookie secret')
    expect(upgrade.state).toBe('pending')
    response.writeHead = writeHead
    response.end('Sorry')
    const client = await answer
    expect(client.status).toBe(200)
    expect(client.headers.has('upgrade')).toBe(false)
    expect(await client.body()).toBe('Sorry')
  })

  it('sends an HTTP response where middleware changes the status on the way', async () => {
    const { upgrade, response, answer } = await pendingUpgrade()
    const { writeHead } = response
    response.writeHead = () => writeHead.call(response, 403)
    upgrade.accept(() => expect.unreachable('accepted'))
    const client = await answer
    await client.ended
    expect(client.status).toBe(403)
    expect(upgrade.state).toBe('answered')
  })

  it('goes by the status of the head where middleware changes it after that', async () => {
    const { upgrade, response } = await pendingUpgrade()
    const held = holdEnd(response)
    const accepted = new Promise((resolve) => upgrade.accept(resolve))
    response.statusCode = 503
    const finished = once(response, 'finish')
    held.release()
    await accepted
    await finished
    expect(response.statusCode).toBe(101)
  })

  it('does not hand over a stream that was reset in the meantime', async () => {
    const { upgrade, response, stream, answer } = await pendingUpgrade()
    const held = holdEnd(response)
    upgrade.accept(() => expect.unreachable('accepted'))
    const closed = once(response, 'close')
    stream.destroy()
    await closed
    held.release()
    await expect(answer).rejects.toThrow()
  })
})

describe('UpgradeResponse.refuse()', () => {
  it('sends the rejection together with what middleware had set', async () => {
    const { upgrade, response, answer } = await pendingUpgrade()
    response.setHeader('X-Request-Id', '7')
    response.setHeader('Content-Type', 'application/json')
    response.setHeader('Content-Encoding', 'gzip')
    upgrade.refuse(UNAUTHORIZED)
    const client = await answer
    await client.ended
    expect(client.head.split('\r\n')[0]).toBe('HTTP/1.1 401 Unauthorized')
    expect(client.headers.get('www-authenticate')).toEqual(['Bearer'])
    expect(client.headers.get('x-request-id')).toEqual(['7'])
    expect(client.headers.get('content-type')).toEqual(['text/plain; charset=utf-8'])
    expect(client.headers.has('content-encoding')).toBe(false)
    expect(client.headers.get('content-length')).toEqual(['13'])
    expect(client.headers.get('connection')).toEqual(['close'])
    expect(await client.body()).toBe('Sign in first')
  })

  it('takes a reason, a content type and repeated headers of its own', async () => {
    const { upgrade, response, answer } = await pendingUpgrade()
    response.setHeader('Vary', 'Cookie')
    const headers = [
      ['Content-Type', 'application/json'],
      ['Vary', 'Origin'],
      ['Vary', 'Host'],
    ] as const
    upgrade.refuse({ status: 403, reason: 'Not You', headers, body: Buffer.from('{"error":"é"}') })
    const client = await answer
    expect(client.statusText).toBe('Not You')
    expect(client.headers.get('content-type')).toEqual(['application/json'])
    expect(client.headers.get('vary')).toEqual(['Origin', 'Host'])
    expect(await client.body()).toBe('{"error":"é"}')
  })

  it('has neither length nor type for 204', async () => {
    const { upgrade, answer } = await pendingUpgrade()
    upgrade.refuse({ status: 204 })
    const client = await answer
    expect(client.headers.has('content-length')).toBe(false)
    expect(client.headers.has('content-type')).toBe(false)
  })

  it('lists Upgrade in Connection where it sends it', async () => {
    const { upgrade, answer } = await pendingUpgrade()
    upgrade.refuse({ status: 426, headers: [['Upgrade', 'websocket']] })
    expect((await answer).headers.get('connection')).toEqual(['Upgrade, close'])
  })

  it("goes through the application's own end", async () => {
    const { upgrade, response, answer } = await pendingUpgrade()
    const held = holdEnd(response)
    upgrade.refuse(UNAUTHORIZED)
    held.release()
    expect((await answer).status).toBe(401)
  })
})

describe('UpgradeResponse.expire()', () => {
  it('answers at once, and ignores what the application still says', async () => {
    const { upgrade, response, answer } = await pendingUpgrade()
    holdEnd(response)
    upgrade.expire({ status: 503, body: 'Too slow' })
    expect(upgrade.state).toBe('expired')
    response.statusCode = 200
    response.setHeader('X-Late', 'yes')
    response.end('Welcome')
    const client = await answer
    await client.ended
    expect(client.status).toBe(503)
    expect(client.headers.has('x-late')).toBe(false)
    expect(client.received.toString()).toBe('Too slow')
  })

  it('leaves an answer alone that is under way', async () => {
    const { upgrade, response, answer } = await pendingUpgrade()
    response.write('one, ')
    upgrade.expire({ status: 503 })
    response.end('two')
    const client = await answer
    expect(client.status).toBe(200)
    expect(await client.body()).toBe('one, two')
  })

  it('ends the stream where an acceptance is held back, for its headers count as sent', async () => {
    const { upgrade, response, stream, answer } = await pendingUpgrade()
    const held = holdEnd(response)
    upgrade.accept(() => expect.unreachable('accepted'))
    upgrade.expire({ status: 503 })
    expect(stream.destroyed).toBe(true)
    held.release()
    await expect(answer).rejects.toThrow()
  })
})
