import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { connect } from 'node:net'
import type { Duplex } from 'node:stream'
import { duplexPair } from '@upwire/testkit'
import { describe, expect, it, vi } from 'vitest'
import { afterEarlierResponse } from '../../src/server/earlier-response.ts'
import { listen } from './servers.ts'

const UPGRADE = 'GET /chat HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'

/** A client that upgrades behind so many requests, and what the server has of it before it answers any. */
async function upgradeBehind(requests: number) {
  const server = await listen(createServer())
  const responses: ServerResponse[] = []
  server.on('request', (_request, response) => responses.push(response))
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1')
  client.on('error', () => {})
  client.write('GET /slow HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(requests) + UPGRADE)
  const [, stream]: [unknown, Duplex] = (await once(server, 'upgrade')) as never
  return { client, stream, responses }
}

describe('afterEarlierResponse', () => {
  it('proceeds at once where no request came before', () => {
    const proceed = vi.fn()
    afterEarlierResponse(duplexPair()[0], proceed)
    expect(proceed).toHaveBeenCalledOnce()
  })

  it('proceeds when every request before has its response', async () => {
    const { client, stream, responses } = await upgradeBehind(2)
    const proceed = vi.fn(() => stream.end('101'))
    afterEarlierResponse(stream, proceed)
    responses[0].end('first')
    await once(responses[0], 'close')
    expect(proceed).not.toHaveBeenCalled()
    responses[1].end('second')
    const received = await client
      .setEncoding('latin1')
      .reduce((text: string, more: string) => text + more, '')
    expect(received).toMatch(/first[\s\S]*second101$/)
  })

  it('does not proceed when the peer resets meanwhile', async () => {
    const { client, stream, responses } = await upgradeBehind(1)
    const proceed = vi.fn()
    afterEarlierResponse(stream, proceed)
    const closed = new Promise((resolve) => stream.once('close', resolve))
    client.resetAndDestroy()
    stream.resume()
    await closed
    responses[0].emit('close')
    expect(proceed).not.toHaveBeenCalled()
  })
})
