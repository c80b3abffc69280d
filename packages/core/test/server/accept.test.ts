import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import { duplexPair, text } from '@upwire/testkit'
import { describe, expect, it, vi } from 'vitest'
import type { Handler } from '../../src/routing/handler.ts'
import { Route } from '../../src/routing/route.ts'
import type { UpgradeRequest } from '../../src/routing/upgrade-request.ts'
import { type AgreedUpgrade, accept } from '../../src/server/accept.ts'
import { Connections } from '../../src/server/connections.ts'
import { openingRequest, SAMPLE_ACCEPT, SAMPLE_KEY } from '../handshake/request.ts'

const RESPONSE =
  'HTTP/1.1 101 Switching Protocols\r\n' +
  'Upgrade: websocket\r\n' +
  'Connection: Upgrade\r\n' +
  `Sec-WebSocket-Accept: ${SAMPLE_ACCEPT}\r\n`

interface Agreed {
  connections: Connections
  upgrade: AgreedUpgrade<unknown>
  peer: Duplex
}

function agreed(handler: Handler, more: Partial<AgreedUpgrade<unknown>> = {}): Agreed {
  const connections = new Connections()
  const [stream, peer] = duplexPair()
  const request = Object.assign(openingRequest(), { params: {} }) as UpgradeRequest
  const route = new Route(connections, undefined, handler)
  connections.admit(request, stream)
  const upgrade: AgreedUpgrade<unknown> = {
    route,
    request,
    stream,
    head: Buffer.alloc(0),
    opening: { key: SAMPLE_KEY, subprotocols: [], extensions: [] },
    agreement: { data: undefined, protocol: undefined, headers: [] },
    params: { room: 'blue' },
    onError: vi.fn(),
    ...more,
  }
  return { connections, upgrade, peer }
}

/** What the peer has received once it contains `wanted`. */
async function received(peer: Duplex, wanted: string): Promise<string> {
  let bytes = ''
  while (!bytes.includes(wanted)) bytes += (await once(peer, 'data')).toString()
  return bytes
}

describe('accept', () => {
  it('writes the 101 and opens the connection', async () => {
    const { upgrade, peer, connections } = agreed(() => {})
    const socket = accept(upgrade)
    expect(socket?.readyState).toBe(1)
    expect([...connections.clients]).toEqual([socket])
    expect(await received(peer, '\r\n\r\n')).toBe(`${RESPONSE}\r\n`)
  })

  it('says on the 101 what was agreed: subprotocol, headers of middleware, headers of the hook', async () => {
    const { upgrade, peer } = agreed(() => {}, {
      agreement: { data: { user: 'ada' }, protocol: 'chat.v1', headers: [['Set-Cookie', 'b=2']] },
      headers: [['Set-Cookie', 'a=1']],
    })
    const socket = accept(upgrade)
    expect(await received(peer, '\r\n\r\n')).toBe(
      `${RESPONSE}Sec-WebSocket-Protocol: chat.v1\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n\r\n`,
    )
    expect(socket?.protocol).toBe('chat.v1')
    expect(socket?.params).toEqual({ room: 'blue' })
    expect(socket?.data).toEqual({ user: 'ada' })
  })

  it('has begun the handler, with its request, when it returns', () => {
    const handler = vi.fn()
    const { upgrade } = agreed(handler)
    const socket = accept(upgrade)
    expect(handler).toHaveBeenCalledExactlyOnceWith(socket, upgrade.request)
  })

  it('delivers what arrived behind the handshake', async () => {
    const message = new Promise((resolve) => {
      accept(agreed({ message: (_socket, data) => resolve(data) }, { head: text('early') }).upgrade)
    })
    expect(await message).toBe('early')
  })

  it('reports what the handler throws, with its request', () => {
    const fault = new Error('a bug')
    const { upgrade } = agreed(() => {
      throw fault
    })
    const socket = accept(upgrade)
    expect(upgrade.onError).toHaveBeenCalledExactlyOnceWith(fault, socket, upgrade.request)
  })

  it('forgets the connection when its stream has ended', async () => {
    const { upgrade, connections } = agreed(() => {})
    const socket = accept(upgrade)
    upgrade.stream.destroy()
    await once(socket!, 'close')
    expect(connections.stats()).toMatchObject({ open: 0, accepted: 1, rejected: 0, closed: { 1006: 1 } })
  })

  it('does nothing when the peer has gone', () => {
    const handler = vi.fn()
    const { upgrade, connections } = agreed(handler)
    upgrade.stream.destroy()
    expect(accept(upgrade)).toBeUndefined()
    expect(handler).not.toHaveBeenCalled()
    expect(connections.stats().accepted).toBe(0)
  })

  it('destroys a stream that cannot be written to', () => {
    const { upgrade } = agreed(() => {})
    upgrade.stream.end()
    expect(accept(upgrade)).toBeUndefined()
    expect(upgrade.stream.destroyed).toBe(true)
  })

  it('throws, having written nothing, when the connections are closing', () => {
    const { upgrade, connections } = agreed(() => {})
    const write = vi.spyOn(upgrade.stream, 'write')
    void connections.close()
    expect(() => accept(upgrade)).toThrow('The server is shutting down')
    expect(write).not.toHaveBeenCalled()
  })

  it('throws, having written nothing, for a header that would begin another line', () => {
    const { upgrade, connections } = agreed(() => {}, { headers: [['X-A', 'b\r\nX-C: d']] })
    const write = vi.spyOn(upgrade.stream, 'write')
    expect(() => accept(upgrade)).toThrow(TypeError)
    expect(write).not.toHaveBeenCalled()
    expect(connections.stats()).toMatchObject({ open: 0, pending: 1 })
  })
})
