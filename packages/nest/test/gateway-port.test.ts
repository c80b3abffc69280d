import { createServer, type IncomingMessage } from 'node:http'
import { PassThrough } from 'node:stream'
import { listenerCounts } from '@upwire/testkit'
import { describe, expect, it } from 'vitest'
import { GatewayPort } from '../src/gateway-port.ts'
import type { GatewayRoute } from '../src/gateway-route.ts'

const request = (url: string): IncomingMessage => ({ url }) as IncomingMessage
const routeAt = (path: string | undefined): GatewayRoute => ({ path }) as GatewayRoute

function portWith(...paths: (string | undefined)[]): GatewayPort {
  const port = new GatewayPort(createServer(), () => {})
  for (const path of paths) port.add(routeAt(path))
  return port
}

describe('GatewayPort', () => {
  it.each(['/rooms/1', 'http://host/rooms/1', '/rooms/1?x=%41', '/rooms/a%2Fb', '/rooms/%C3%A4'])(
    'claims %s',
    (url) => {
      expect(portWith('/rooms/:id').claims(request(url))).toBe(true)
    },
  )

  it.each(['/rooms', '/rooms/', '/Rooms/1', '/%72ooms/1', '/rooms/%7Eada', '*', '/a/../rooms/1'])(
    'leaves %s alone',
    (url) => {
      expect(portWith('/rooms/:id').claims(request(url))).toBe(false)
    },
  )

  it('claims every path for a gateway without one, and those of others for them', () => {
    const port = portWith(undefined, '/rooms')
    expect(port.claims(request('/anything'))).toBe(true)
    expect(port.find(undefined)?.path).toBeUndefined()
    expect(port.find('/rooms')?.path).toBe('/rooms')
    expect(port.find('/none')).toBeUndefined()
  })

  it('refuses a path that matches what another does', () => {
    expect(() => portWith('/rooms/:id', '/rooms/:name')).toThrow(
      'there is a route for the same paths already',
    )
  })

  it.each([
    ['http://host/rooms/1?x=1', '/rooms/1?x=1'],
    ['http://host?x=1', '/?x=1'],
    ['/rooms/1', '/rooms/1'],
  ])('serves %s as %s', (given, seen) => {
    const served: unknown[] = []
    const port = new GatewayPort(createServer(), ({ request }) => served.push(request.url))
    port.upgrade(request(given), new PassThrough(), Buffer.alloc(0))
    expect(served).toEqual([seen])
  })

  it('leaves its server as it was', () => {
    const server = createServer()
    const before = listenerCounts(server)
    new GatewayPort(server, () => {}).detach()
    expect(listenerCounts(server)).toEqual(before)
  })
})
