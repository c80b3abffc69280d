import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import { duplexPair } from '@upwire/testkit'
import { describe, expect, it } from 'vitest'
import { Connections } from '../../src/server/connections.ts'
import { WebSocket } from '../../src/websocket/websocket.ts'
import { openingRequest } from '../handshake/request.ts'

const request = openingRequest()

function stream(): Duplex {
  return duplexPair()[0]
}

async function close(open: Duplex): Promise<void> {
  open.destroy()
  await once(open, 'close')
}

function connect(connections: Connections): WebSocket {
  const socket = new WebSocket(null)
  const transport = stream()
  connections.admit(request, transport)
  connections.enter(socket, transport)
  return socket
}

describe('Connections', () => {
  it('has nothing at first', () => {
    const connections = new Connections()
    expect(connections.state).toBe('open')
    expect(connections.clients.size).toBe(0)
    expect(connections.stats()).toEqual({
      open: 0,
      pending: 0,
      accepted: 0,
      rejected: 0,
      closed: {},
      bufferedBytes: 0,
      unfinishedBytes: 0,
    })
  })

  it('counts a handshake as pending, then as a connection, then by its close code', () => {
    const connections = new Connections()
    const transport = stream()
    expect(connections.admit(request, transport)).toBeUndefined()
    expect(connections.stats()).toMatchObject({ pending: 1, open: 0, accepted: 0 })
    const socket = new WebSocket(null)
    connections.enter(socket, transport)
    expect(connections.stats()).toMatchObject({ pending: 0, open: 1, accepted: 1 })
    expect([...connections.clients]).toEqual([socket])
    connections.leave(socket, 1001)
    expect(connections.stats()).toMatchObject({ open: 0, accepted: 1, rejected: 0, closed: { 1001: 1 } })
  })

  it('counts a handshake whose stream closes as rejected', async () => {
    const connections = new Connections()
    const transport = stream()
    connections.admit(request, transport)
    await close(transport)
    expect(connections.stats()).toMatchObject({ pending: 0, rejected: 1 })
  })

  it('no more counts a connection as rejected when its stream closes', async () => {
    const connections = new Connections()
    const transport = stream()
    connections.admit(request, transport)
    connections.enter(new WebSocket(null), transport)
    await close(transport)
    expect(connections.stats()).toMatchObject({ rejected: 0, accepted: 1 })
  })

  it('counts a handshake once, however often it is admitted', () => {
    const connections = new Connections(1)
    const transport = stream()
    connections.admit(request, transport)
    expect(connections.admit(request, transport)).toBeUndefined()
    expect(connections.stats()).toMatchObject({ pending: 1, rejected: 0 })
  })

  it('keeps no stream that is closed already', async () => {
    const connections = new Connections()
    const transport = stream()
    await close(transport)
    connections.admit(request, transport)
    expect(connections.stats()).toMatchObject({ pending: 0, rejected: 1 })
    await connections.close()
  })

  it('takes no more than maxConnections, and counts who comes too late', () => {
    const connections = new Connections({ total: 1 })
    connect(connections)
    expect(connections.admit(request, stream())).toBe('UPWIRE_TOO_MANY_CONNECTIONS')
    expect(connections.stats()).toMatchObject({ open: 1, pending: 0, rejected: 1 })
  })

  it('publishes to its topics', () => {
    const connections = new Connections()
    const frames: string[] = []
    connections.topics.subscribe('news', {
      sendPublished: (publication) => frames.push(publication.frameFor(undefined).toString('hex')) > 0,
    })
    expect(connections.publish('news', 'hi')).toBe(1)
    expect(frames).toEqual(['81026869'])
    expect(connections.publish('other', 'hi')).toBe(0)
  })

  it('adds up what its connections hold', () => {
    const connections = new Connections()
    connections.budget.take(5)
    for (const bufferedAmount of [3, 4]) {
      Object.defineProperty(connect(connections), 'bufferedAmount', { value: bufferedAmount })
    }
    expect(connections.stats()).toMatchObject({ bufferedBytes: 7, unfinishedBytes: 5 })
  })
})

describe('Connections.close', () => {
  it('resolves at once where nothing is open', async () => {
    const connections = new Connections()
    const closed = connections.close()
    expect(connections.state).toBe('closing')
    await closed
    expect(connections.state).toBe('closed')
  })

  it('refuses handshakes from then on', async () => {
    const connections = new Connections()
    const late = stream()
    connections.admit(request, late)
    const closed = connections.close()
    expect(connections.admit(request, stream())).toBe('UPWIRE_SHUTTING_DOWN')
    expect(() => connections.enter(new WebSocket(null), late)).toThrow('The server is shutting down')
    await close(late)
    await closed
    expect(connections.admit(request, stream())).toBe('UPWIRE_SHUTTING_DOWN')
    expect(connections.stats()).toMatchObject({ rejected: 3 })
  })

  it('waits for the last connection', async () => {
    const connections = new Connections()
    const [first, second] = [connect(connections), connect(connections)]
    const closed = connections.close()
    connections.leave(first, 1001)
    await Promise.resolve()
    expect(connections.state).toBe('closing')
    connections.leave(second, 1001)
    await closed
    expect(connections.state).toBe('closed')
  })

  it('gives the same promise when called again', async () => {
    const connections = new Connections()
    const closed = connections.close()
    expect(connections.close({ code: 1012 })).toBe(closed)
    await closed
    expect(connections.close()).toBe(closed)
  })

  it('throws for a code that cannot be sent, and stays open', () => {
    const connections = new Connections()
    expect(() => connections.close({ code: 1006 })).toThrow(TypeError)
    expect(connections.state).toBe('open')
  })
})
