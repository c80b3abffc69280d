import { ParseIntPipe } from '@nestjs/common'
import { ConnectedSocket, MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets'
import type { WebSocket as ServerSocket } from '@upwire/core'
import { UpgradeHeaders, UpgradeParam, UpgradeQuery } from '@upwire/nest'
import { text } from '@upwire/testkit'
import { describe, expect, it } from 'vitest'
import { ask, connect, listen, nextText, openClient, PLATFORMS } from './harness.ts'

@WebSocketGateway({ path: '/rooms/:id/:name' })
class RoomGateway {
  handleConnection(
    @ConnectedSocket() socket: ServerSocket,
    @UpgradeParam('id', ParseIntPipe) id: number,
    @UpgradeQuery('tag') tag: unknown,
  ) {
    socket.send(JSON.stringify([id, tag]))
  }

  @SubscribeMessage('where')
  where(@UpgradeParam() params: object, @UpgradeParam('name') name: string, @MessageBody() body: unknown) {
    return { params, name, body }
  }

  @SubscribeMessage('query')
  query(@UpgradeQuery() query: object, @UpgradeQuery('none') none: unknown) {
    return { query, none: none ?? null }
  }

  @SubscribeMessage('headers')
  headers(@UpgradeHeaders('X-Name') name: string, @UpgradeHeaders() all: Record<string, string>) {
    return [name, all.upgrade]
  }
}

@WebSocketGateway({ path: '/plain/:id' })
class PlainGateway {
  @SubscribeMessage('where')
  where(@ConnectedSocket() socket: ServerSocket) {
    return socket.params
  }
}

describe.each(PLATFORMS)('what the handshake asked for, on $platform', ({ createPlatform }) => {
  it('is given to handlers by its decorators', async () => {
    const app = await listen(createPlatform, { gateways: [RoomGateway] })
    const client = await openClient(app, '/rooms/7/b%20lue?tag=a&tag=b&x=1')
    expect(await ask(client, { event: 'where', data: 5 })).toEqual({
      params: { id: '7', name: 'b lue' },
      name: 'b lue',
      body: 5,
    })
    expect(await ask(client, { event: 'query' })).toEqual({ query: { tag: ['a', 'b'], x: '1' }, none: null })
  })

  it('has a query that goes on behind a second question mark, and is read once', async () => {
    const queries: unknown[] = []
    @WebSocketGateway({ path: '/search' })
    class SearchGateway {
      @SubscribeMessage('query')
      query(@UpgradeQuery() query: object) {
        queries.push(query)
        return query
      }
    }
    const app = await listen(createPlatform, { gateways: [SearchGateway] })
    const client = await openClient(app, '/search?next=/a?b=1&c=2')
    for (let round = 0; round < 2; round++) {
      expect(await ask(client, { event: 'query' })).toEqual({ next: '/a?b=1', c: '2' })
    }
    expect(queries[0]).toBe(queries[1])
  })

  it('is given to handleConnection, through pipes', async () => {
    const app = await listen(createPlatform, { gateways: [RoomGateway] })
    expect(JSON.parse(await nextText(await connect(app, '/rooms/7/blue?tag=a')))).toEqual([7, 'a'])
  })

  it('closes with 1011 when a pipe of handleConnection says no', async () => {
    const app = await listen(createPlatform, { gateways: [RoomGateway] })
    const client = await connect(app, '/rooms/seven/blue')
    expect(JSON.parse(await nextText(client))).toMatchObject({ event: 'exception' })
    expect((await client.nextFrame()).payload.readUInt16BE(0)).toBe(1011)
  })

  it('has headers, whatever the case of their names', async () => {
    const app = await listen(createPlatform, { gateways: [RoomGateway] })
    const client = await connect(app, { path: '/rooms/7/blue', headers: { 'x-name': 'Ada' } })
    await nextText(client)
    client.write(text('{"event":"headers"}'))
    expect(JSON.parse(await nextText(client))).toEqual(['Ada', 'websocket'])
  })

  it('is on the socket without any decorator', async () => {
    const app = await listen(createPlatform, { gateways: [PlainGateway] })
    expect(await ask(await openClient(app, '/plain/7'), { event: 'where' })).toEqual({ id: '7' })
  })
})
