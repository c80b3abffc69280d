import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import { duplexPair } from '@upwire/testkit'
import { describe, expect, it, vi } from 'vitest'
import type { Handler } from '../../src/routing/handler.ts'
import { Route } from '../../src/routing/route.ts'
import { UpgradeRejection } from '../../src/routing/upgrade-rejection.ts'
import type { UpgradeRequest } from '../../src/routing/upgrade-request.ts'
import { Connections } from '../../src/server/connections.ts'
import { serve } from '../../src/server/serve.ts'
import { claimStream } from '../../src/websocket/stream-owner.ts'
import { openingRequest } from '../handshake/request.ts'

interface Served {
  connections: Connections
  onError: ReturnType<typeof vi.fn>
  stream: Duplex
  statusLine(): Promise<string>
}

function served(handler: Handler, headers: Record<string, string> = {}): Served {
  const connections = new Connections()
  const onError = vi.fn()
  const [stream, peer] = duplexPair()
  const request = Object.assign(openingRequest(headers), { params: { room: 'blue' } }) as UpgradeRequest
  serve(new Route(connections, undefined, handler), { request, stream, head: Buffer.alloc(0) }, onError)
  claimStream(stream)
  const statusLine = async () => {
    const [chunk] = await once(peer, 'data')
    peer.end()
    return String(chunk).split('\r\n', 1)[0]
  }
  return { connections, onError, stream, statusLine }
}

describe('serve', () => {
  it('opens at once where nothing is to be asked', () => {
    const { connections } = served(() => {})
    expect(connections.stats()).toMatchObject({ open: 1, pending: 0 })
  })

  it('gives the socket the params of its request', () => {
    const { connections } = served(() => {})
    const [socket] = connections.clients
    expect(socket.params).toEqual({ room: 'blue' })
  })

  it('opens when an async hook has agreed', async () => {
    const { connections, statusLine } = served({ upgrade: async () => 'data' })
    expect(connections.stats()).toMatchObject({ open: 0, pending: 1 })
    expect(await statusLine()).toBe('HTTP/1.1 101 Switching Protocols')
    expect(connections.stats()).toMatchObject({ open: 1, pending: 0 })
  })

  it('refuses before the hook is asked when a check fails', async () => {
    const upgrade = vi.fn()
    const { statusLine, onError } = served({ upgrade }, { 'sec-websocket-version': '12' })
    expect(await statusLine()).toBe('HTTP/1.1 426 Upgrade Required')
    expect(upgrade).not.toHaveBeenCalled()
    expect(onError).not.toHaveBeenCalled()
  })

  it('refuses what the hook refuses, and runs no handler', async () => {
    const open = vi.fn()
    const { statusLine, onError } = served({ upgrade: async () => new UpgradeRejection(401), open })
    expect(await statusLine()).toBe('HTTP/1.1 401 Unauthorized')
    expect(open).not.toHaveBeenCalled()
    expect(onError).not.toHaveBeenCalled()
  })

  it('answers 500 to what the hook throws, and reports it once', async () => {
    const fault = new Error('a bug')
    const { statusLine, onError } = served({ upgrade: () => Promise.reject(fault) })
    expect(await statusLine()).toBe('HTTP/1.1 500 Internal Server Error')
    expect(onError).toHaveBeenCalledExactlyOnceWith(fault, undefined, expect.anything())
  })

  it('answers 500 when a header of the hook cannot be sent, and reports why', async () => {
    const { statusLine, onError } = served({
      upgrade(_request, headers) {
        headers.set('X-A', 'a\x01b')
      },
    })
    expect(await statusLine()).toBe('HTTP/1.1 500 Internal Server Error')
    expect(onError).toHaveBeenCalledExactlyOnceWith(expect.any(TypeError), undefined, expect.anything())
  })

  it('answers 503 when a shutdown began while the hook decided', async () => {
    let agree = () => {}
    const decision = new Promise<void>((resolve) => {
      agree = resolve
    })
    const { connections, statusLine } = served({ upgrade: () => decision })
    const closed = connections.close()
    agree()
    expect(await statusLine()).toBe('HTTP/1.1 503 Service Unavailable')
    await closed
    expect(connections.stats()).toMatchObject({ accepted: 0, rejected: 1 })
  })

  it('forgets a peer that went while the hook decided', async () => {
    let agree = () => {}
    const decision = new Promise<void>((resolve) => {
      agree = resolve
    })
    const open = vi.fn()
    const { connections, stream, onError } = served({ upgrade: () => decision, open })
    stream.destroy()
    await once(stream, 'close')
    agree()
    await decision
    expect(open).not.toHaveBeenCalled()
    expect(onError).not.toHaveBeenCalled()
    expect(connections.stats()).toMatchObject({ open: 0, pending: 0 })
  })
})
