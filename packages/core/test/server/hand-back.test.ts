import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { Server as SecureServer } from 'node:https'
import { type AddressInfo, connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { rawRequest } from '@upwire/testkit'
import { describe, expect, it } from 'vitest'
import { handBack } from '../../src/server/hand-back.ts'
import { listen, pages, securePages, TRUST } from './servers.ts'

const H2C = 'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n'

const BODY = 'hello world'

async function handingBack<Serving extends Server | SecureServer>(server: Serving): Promise<Serving> {
  server.on('upgrade', (request, stream, head) => handBack(server, { request, stream, head }))
  return listen(server)
}

function h2c(path: string): string {
  return `GET ${path} HTTP/1.1\r\nHost: x\r\n${H2C}\r\n`
}

describe('handBack', () => {
  it('has a request answered as if it had not asked to upgrade', async () => {
    const server = await handingBack(pages())
    const client = await rawRequest(server, h2c('/page?a=1'))
    expect(client.status).toBe(200)
    expect(await client.body()).toBe('GET /page?a=1 ')
  })

  it('works over TLS', async () => {
    const server = await handingBack(securePages())
    const client = await rawRequest(server, h2c('/page'), { tls: TRUST })
    expect(await client.body()).toBe('GET /page ')
  })

  it('leaves out of the head what asked for the upgrade, and nothing else', async () => {
    const server = await handingBack(pages())
    const requested = once(server, 'request')
    const connection = 'Connection: keep-alive, upgrade\r\nUpgrade: h2c\r\n'
    const bytes = `GET / HTTP/1.1\r\nHost: x\r\nX-A: 1\r\nx-a: 2\r\nCookie: s=\xe9\r\n${connection}\r\n`
    await rawRequest(server, Buffer.from(bytes, 'latin1'))
    const [{ rawHeaders, upgrade }] = await requested
    expect(rawHeaders).toEqual(
      [
        ['Host', 'x'],
        ['X-A', '1'],
        ['x-a', '2'],
        ['Cookie', 's=\xe9'],
        ['Connection', 'keep-alive'],
      ].flat(),
    )
    expect(upgrade).toBe(false)
  })

  // Where a server asks which upgrades to emit, such a request stays ordinary, and Node 26 parts with no body at all.
  const partsWithBodies = !('shouldUpgradeCallback' in createServer())
  it.runIf(partsWithBodies).each([11, 5, 0])(
    'keeps a body of which %d bytes came with the head',
    async (length) => {
      const server = await handingBack(pages())
      const requested = once(server, 'request')
      const transport = connect((server.address() as AddressInfo).port, '127.0.0.1')
      transport.write(
        `POST /page HTTP/1.1\r\nHost: x\r\n${H2C}Content-Length: 11\r\n\r\n${BODY.slice(0, length)}`,
      )
      await requested
      transport.end(BODY.slice(length))
      expect(await text(transport)).toMatch(/\r\n\r\nPOST \/page hello world$/)
    },
  )

  it('serves the next requests on the connection, pipelined or later', async () => {
    const server = await handingBack(pages())
    const client = await rawRequest(server, `${h2c('/1')}GET /2 HTTP/1.1\r\nHost: x\r\n\r\n`)
    expect(client.headers.get('connection')).toEqual(['keep-alive'])
    expect(await client.body()).toBe('GET /1 ')
    const first = 'GET /1 '.length
    const each = client.head.length + first
    expect(String(await client.receive(first + each))).toMatch(/GET \/2 $/)
    client.write(h2c('/3'))
    expect(String(await client.receive(first + 2 * each))).toMatch(/GET \/3 $/)
  })
})
