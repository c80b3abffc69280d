import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { listenerCounts, rawRequest, rawUpgrade } from '@upwire/testkit'
import { describe, expect, it, vi } from 'vitest'
import { type Attachment, attach } from '../../src/server/attach.ts'
import type { HttpServer } from '../../src/server/http-server.ts'
import { listen, pages, securePages, TRUST } from './servers.ts'

const H2C = 'GET /page HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n\r\n'

/** Claims what begins with its path, and answers with its name. */
function attachment(path: string, more: Partial<Attachment> = {}): Attachment {
  return {
    claims: ({ url = '' }) => url.startsWith(path),
    upgrade: (_request, stream) => answer(stream, path),
    serverClosing() {},
    ...more,
  }
}

function answer(stream: Duplex, who: string): void {
  stream.end(`HTTP/1.1 200 OK\r\nContent-Length: ${who.length}\r\n\r\n${who}`)
}

async function bodyOf(server: HttpServer, path: string, options = {}): Promise<string> {
  const client = await rawUpgrade(server, { path, ...options })
  return `${client.status} ${await client.body()}`
}

describe('attach', () => {
  it('gives each attachment what it claims', async () => {
    const server = await listen(pages())
    attach(server, attachment('/a'))
    attach(server, attachment('/b'))
    expect(await bodyOf(server, '/a')).toBe('200 /a')
    expect(await bodyOf(server, '/b')).toBe('200 /b')
  })

  it('asks the attachments in the order in which they came', async () => {
    const server = await listen(pages())
    attach(server, attachment('/a'))
    attach(server, attachment('/'))
    expect(await bodyOf(server, '/a')).toBe('200 /a')
  })

  it('works over TLS', async () => {
    const server = await listen(securePages())
    attach(server, attachment('/a'))
    expect(await bodyOf(server, '/a', { tls: TRUST })).toBe('200 /a')
    const client = await rawRequest(server, H2C, { tls: TRUST })
    expect(await client.body()).toBe('GET /page ')
  })

  it('leaves ordinary requests alone', async () => {
    const server = await listen(pages())
    attach(server, attachment('/'))
    const client = await rawRequest(server, 'GET /page HTTP/1.1\r\nHost: x\r\n\r\n')
    expect(await client.body()).toBe('GET /page ')
  })

  it('answers 404 where nobody claims and nobody else listens', async () => {
    const server = await listen(pages())
    attach(server, attachment('/a'))
    expect(await bodyOf(server, '/x')).toBe('404 There is no WebSocket at this path')
  })

  it('gives what nobody claims to the first attachment that answers it', async () => {
    const server = await listen(pages())
    attach(server, attachment('/a'))
    attach(server, attachment('/b', { answersUnclaimed: true }))
    expect(await bodyOf(server, '/x')).toBe('200 /b')
  })

  it('does not ask an attachment that is alone and answers everything', async () => {
    const server = await listen(pages())
    const claims = vi.fn(() => false)
    attach(server, attachment('/a', { claims, answersUnclaimed: true }))
    expect(await bodyOf(server, '/x')).toBe('200 /a')
    expect(claims).not.toHaveBeenCalled()
  })

  it('serves an upgrade that came behind a request when that has its response', async () => {
    const server = await listen(createServer())
    const requested = once(server, 'request')
    const upgraded = once(server, 'upgrade')
    attach(server, attachment('/a'))
    const handshake = 'GET /a HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'
    const receiving = rawRequest(server, `GET /slow HTTP/1.1\r\nHost: x\r\n\r\n${handshake}`)
    const [[, response]] = await Promise.all([requested, upgraded])
    response.end('slow')
    const client = await receiving
    await client.ended
    expect(String(client.received)).toMatch(/^slowHTTP\/1.1 200 OK[\s\S]*\/a$/)
  })

  it('has one listener on the server, for all attachments', () => {
    const server = createServer()
    attach(server, attachment('/a'))
    attach(server, attachment('/b'))
    expect(server.listenerCount('upgrade')).toBe(1)
  })
})

describe('a neighbour that listens to upgrades too', () => {
  it.each(['before', 'after'])('gets what nobody claims, added %s us', async (order) => {
    const server = await listen(pages())
    const neighbour = ({ url }: IncomingMessage, stream: Duplex) => {
      if (url === '/hmr') answer(stream, 'hmr')
    }
    if (order === 'before') server.on('upgrade', neighbour)
    attach(server, attachment('/a', { answersUnclaimed: true }))
    if (order === 'after') server.on('upgrade', neighbour)
    expect(await bodyOf(server, '/hmr')).toBe('200 hmr')
    expect(await bodyOf(server, '/a')).toBe('200 /a')
  })

  it('gets upgrades to other protocols', async () => {
    const server = await listen(pages())
    attach(server, attachment('/a'))
    server.on('upgrade', (_request, stream) => answer(stream, 'h2c'))
    const client = await rawRequest(server, H2C)
    expect(await client.body()).toBe('h2c')
  })

  it('is not followed to a stream that is ours', async () => {
    const server = await listen(pages())
    const first = createServer()
    attach(first, attachment('/a'))
    server.on('upgrade', (...upgrade) => first.emit('upgrade', ...upgrade))
    attach(server, attachment('/a', { upgrade: (_request, stream) => answer(stream, 'second') }))
    const client = await rawUpgrade(server, { path: '/a' })
    await client.ended
    expect(String(client.received)).toBe('/a')
  })
})

describe('an upgrade to another protocol that nobody else listens for', () => {
  it('is an ordinary request', async () => {
    const server = await listen(pages())
    attach(server, attachment('/'))
    const client = await rawRequest(server, H2C)
    expect(await client.body()).toBe('GET /page ')
  })

  it('does not stand in the way of a WebSocket on the same connection', async () => {
    const server = await listen(pages())
    attach(server, attachment('/a'))
    const client = await rawRequest(server, H2C)
    await client.body()
    const before = client.received.length
    client.write('GET /a HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
    await client.ended
    expect(String(client.received.subarray(before))).toMatch(/\r\n\r\n\/a$/)
  })

  it('is served as an attachment sees fit when more headers than Node reads cut Upgrade off', async () => {
    const server = createServer()
    server.maxHeadersCount = 10
    await listen(server)
    const claims = vi.fn(() => true)
    attach(server, attachment('/a', { claims }))
    const many = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`x-${index}`, '']))
    const headers = { upgrade: null, connection: null, ...many, Upgrade: 'websocket', Connection: 'Upgrade' }
    const client = await rawUpgrade(server, { path: '/a', headers })
    // Node 24 and later refuse so many headers before anybody sees the request.
    const seen = [expect.objectContaining({ headers: expect.not.objectContaining({ upgrade: 'websocket' }) })]
    expect([client.status, claims.mock.calls]).toEqual(client.status === 431 ? [431, []] : [200, [seen]])
  })
})

describe('a server that asks which upgrades to emit, as from Node 24.9 on', () => {
  type Choosing = HttpServer & { shouldUpgradeCallback?: (request: IncomingMessage) => boolean }

  function upgradeTo(protocol: string): IncomingMessage {
    return { headers: { upgrade: protocol } } as IncomingMessage
  }

  it('keeps ordinary what nobody here speaks', () => {
    const server: Choosing = Object.assign(createServer(), { shouldUpgradeCallback: () => true })
    attach(server, attachment('/a'))
    expect(server.shouldUpgradeCallback?.(upgradeTo('h2c'))).toBe(false)
    expect(server.shouldUpgradeCallback?.(upgradeTo('websocket'))).toBe(true)
    server.on('upgrade', () => {})
    expect(server.shouldUpgradeCallback?.(upgradeTo('h2c'))).toBe(true)
  })

  it('emits no more than it did before', () => {
    const server: Choosing = Object.assign(createServer(), { shouldUpgradeCallback: () => false })
    attach(server, attachment('/a'))
    expect(server.shouldUpgradeCallback?.(upgradeTo('websocket'))).toBe(false)
  })

  it('has its own callback back after detaching', () => {
    const own = () => true
    const server: Choosing = Object.assign(createServer(), { shouldUpgradeCallback: own })
    attach(server, attachment('/a'))()
    expect(server.shouldUpgradeCallback).toBe(own)
  })

  it('is not asked where it does not ask', () => {
    const server: Choosing = createServer()
    Reflect.deleteProperty(server, 'shouldUpgradeCallback')
    attach(server, attachment('/a'))
    expect(server).not.toHaveProperty('shouldUpgradeCallback')
  })
})

describe('detaching', () => {
  it('leaves the server as it was', () => {
    const server = createServer()
    const listeners = listenerCounts(server)
    const { close } = server
    const detach = attach(server, attachment('/a'))
    expect(listenerCounts(server)).not.toEqual(listeners)
    detach()
    expect(listenerCounts(server)).toEqual(listeners)
    expect(server.close).toBe(close)
    expect(Object.hasOwn(server, 'close')).toBe(false)
  })

  it('leaves the other attachments', async () => {
    const server = await listen(pages())
    const detach = attach(server, attachment('/a'))
    attach(server, attachment('/b'))
    detach()
    detach()
    expect(await bodyOf(server, '/a')).toMatch(/^404/)
    expect(await bodyOf(server, '/b')).toBe('200 /b')
  })

  it('lets the same be attached again', async () => {
    const server = await listen(pages())
    const same = attachment('/a')
    attach(server, same)()
    attach(server, same)
    expect(await bodyOf(server, '/a')).toBe('200 /a')
  })

  it('keeps a close() that somebody else has put over ours', () => {
    const server = createServer()
    const detach = attach(server, attachment('/a'))
    const ours = server.close
    const theirs = vi.fn((callback) => ours.call(server, callback))
    server.close = theirs
    detach()
    expect(server.close).toBe(theirs)
  })
})

describe("the server's own close()", () => {
  it('tells every attachment, once, and closes', async () => {
    const server = await listen(pages())
    const serverClosing = vi.fn()
    attach(server, attachment('/a', { serverClosing }))
    attach(server, attachment('/b', { serverClosing }))
    const closed = vi.fn()
    expect(server.close(closed)).toBe(server)
    await once(server, 'close')
    expect(serverClosing).toHaveBeenCalledTimes(2)
    expect(closed).toHaveBeenCalledOnce()
  })

  it('tells nobody who was detached', async () => {
    const server = await listen(pages())
    const serverClosing = vi.fn()
    attach(server, attachment('/a', { serverClosing }))()
    server.close()
    expect(serverClosing).not.toHaveBeenCalled()
  })

  it('is the one that its owner had put there', async () => {
    const server = createServer()
    const own = vi.fn(() => server)
    server.close = own
    const detach = attach(server, attachment('/a'))
    server.close()
    expect(own).toHaveBeenCalledOnce()
    detach()
    expect(server.close).toBe(own)
  })
})

describe('misuse', () => {
  it('refuses what is no server', () => {
    expect(() => attach({} as never, attachment('/a'))).toThrow(TypeError)
  })

  it('refuses to attach the same twice', () => {
    const server = createServer()
    const same = attachment('/a')
    attach(server, same)
    expect(() => attach(server, same)).toThrow(TypeError)
    expect(() => attach(server, same)).toThrow('call what attach() returned to detach it')
    expect(() => attach(createServer(), same)).not.toThrow()
  })
})
