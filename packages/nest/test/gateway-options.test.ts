import type { IncomingMessage } from 'node:http'
import { Controller, Get, VersioningType } from '@nestjs/common'
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets'
import { type GatewayOptions, injectWS } from '@upwire/nest'
import { binary, text } from '@upwire/testkit'
import { describe, expect, it } from 'vitest'
import { isSameHost, normalizePath, sortOptions } from '../src/gateway-options.ts'
import { connect, createApp, listen, PLATFORMS } from './harness.ts'

const [{ createPlatform }] = PLATFORMS

describe('the options of a gateway', () => {
  it('are sorted by who reads them', () => {
    expect(sortOptions({ path: '/a', version: '1', maxPayload: 5 })).toEqual({
      route: { maxPayload: 5 },
      codec: undefined,
      messageOrder: 'kept',
    })
  })

  it('may be those of socket.io, which mean nothing here', () => {
    expect(sortOptions({ serveClient: false, transports: ['websocket'], pingTimeout: 5 }).route).toEqual({})
  })

  it.each([
    [true, 'dangerously-any'],
    [{ origin: '*' }, 'dangerously-any'],
    [{ origin: 'https://app.example' }, 'https://app.example'],
    [{ origin: ['https://a.example', 'https://b.example'] }, ['https://a.example', 'https://b.example']],
    [{ origin: () => true }, undefined],
    [undefined, undefined],
  ])('read the pages that may connect from cors: %j', (cors, origin) => {
    expect(sortOptions({ cors }).route.origin).toEqual(origin)
  })

  it('have the last word about the pages in origin', () => {
    expect(sortOptions({ cors: true, origin: 'same-origin' }).route.origin).toBe('same-origin')
  })

  it.each([
    [{ verifyClient: () => true }, 'There is no option verifyClient'],
    [{ server: {} }, 'There is no option server'],
    [{ codec: JSON }, 'Option codec must be an object with the functions decode(data) and encode(response)'],
    [{ messageOrder: 'random' }, "Option messageOrder must be 'kept' or 'concurrent', not random"],
  ])('are refused when they cannot be used: %j', (options, message) => {
    expect(() => sortOptions(options)).toThrow(message)
  })

  it.each([
    ['the limit that only the second has', {}, { maxPayload: 5 }, 'maxPayload'],
    ['another list', { subprotocols: ['a'] }, { subprotocols: ['a', 'b'] }, 'subprotocols'],
  ])('are those of the first of a path, which is said of %s', async (_what, first, second, name) => {
    @WebSocketGateway<GatewayOptions>({ path: '/shared', ...first })
    class FirstGateway {}
    @WebSocketGateway<GatewayOptions>({ path: 'shared', ...second })
    class SecondGateway {}
    const app = await createApp(createPlatform, { gateways: [FirstGateway, SecondGateway] })
    await expect(app.init()).rejects.toThrow(`write ${name} of SecondGateway there, too`)
  })

  it('may be left out, or written again, by others of the path', async () => {
    @WebSocketGateway<GatewayOptions>({ path: '/shared', maxPayload: 5, subprotocols: ['a'] })
    class FirstGateway {}
    @WebSocketGateway<GatewayOptions>({ path: 'shared', subprotocols: ['a'] })
    class SecondGateway {}
    @WebSocketGateway({ path: '/shared', transports: ['websocket'] })
    class ThirdGateway {}
    const gateways = [FirstGateway, SecondGateway, ThirdGateway]
    await (await createApp(createPlatform, { gateways })).init()
  })

  it('are the limits of its connections', async () => {
    @WebSocketGateway<GatewayOptions>({
      maxPayload: 10,
      subprotocols: ['chat'],
      origin: 'https://app.example',
    })
    class LimitedGateway {
      @SubscribeMessage('any')
      any() {}
    }
    const app = await listen(createPlatform, { gateways: [LimitedGateway] })
    expect((await connect(app, { headers: { origin: 'https://other.example' } })).status).toBe(403)
    const headers = { origin: 'https://app.example', 'sec-websocket-protocol': 'other, chat' }
    const client = await connect(app, { headers })
    expect(client.headers.get('sec-websocket-protocol')).toEqual(['chat'])
    client.write(text('x'.repeat(11)))
    expect((await client.nextFrame()).payload.readUInt16BE(0)).toBe(1009)
    client.write(binary(Buffer.alloc(1)))
  })
})

describe.each(PLATFORMS)('the path of a gateway on $platform', ({ createPlatform }) => {
  @WebSocketGateway<GatewayOptions>({ path: 'rooms', version: '2' })
  class VersionedGateway {}

  it.each([
    [undefined, '/api/v2/rooms'],
    ['version-', '/api/version-2/rooms'],
    [false, '/api/2/rooms'],
  ] as const)('begins with the global prefix and a version, with the prefix %s', async (prefix, path) => {
    const app = await createApp(createPlatform, {
      gateways: [VersionedGateway],
      adapter: { globalPrefix: true },
      prepare: (app) => {
        app.setGlobalPrefix('api')
        app.enableVersioning({ type: VersioningType.URI, prefix })
      },
    })
    expect((await injectWS(app, path)).readyState).toBe(1)
    await expect(injectWS(app, '/rooms')).rejects.toMatchObject({ status: 404 })
  })

  it('has neither where nobody asks for it', async () => {
    @WebSocketGateway({ path: 'rooms' })
    class PlainGateway {}
    const app = await createApp(createPlatform, {
      gateways: [PlainGateway],
      prepare: (app) => {
        app.setGlobalPrefix('api')
        app.enableVersioning({ type: VersioningType.URI, defaultVersion: '1' })
      },
    })
    expect((await injectWS(app, '/rooms')).readyState).toBe(1)
  })

  it.each([
    { type: VersioningType.HEADER, header: 'Api-Version' } as const,
    { type: VersioningType.MEDIA_TYPE, key: 'v=' } as const,
    { type: VersioningType.CUSTOM, extractor: () => '2' } as const,
  ])('has no version where versions are in no path: $type', async (versioning) => {
    const app = await createApp(createPlatform, {
      gateways: [VersionedGateway],
      prepare: (app) => void app.enableVersioning(versioning),
    })
    await expect(app.init()).rejects.toThrow(
      "Option version is '2', but this application has no versions in paths",
    )
  })

  it('without a version is served where other routes have them in headers', async () => {
    @WebSocketGateway({ path: 'rooms' })
    class PlainGateway {}
    @Controller({ path: 'rooms', version: '1' })
    class RoomController {
      @Get()
      page() {
        return 'version 1'
      }
    }
    const app = await listen(createPlatform, {
      gateways: [PlainGateway],
      controllers: [RoomController],
      prepare: (app) => void app.enableVersioning({ type: VersioningType.HEADER, header: 'Api-Version' }),
    })
    expect((await connect(app, '/rooms')).status).toBe(101)
    expect((await connect(app, { path: '/rooms', headers: { 'api-version': '7' } })).status).toBe(101)
    const page = await fetch(`${await app.getUrl()}/rooms`, { headers: { 'Api-Version': '1' } })
    expect(await page.text()).toBe('version 1')
  })

  it('has one version', async () => {
    @WebSocketGateway({ path: 'rooms', version: ['1', '2'] } as object)
    class TwiceGateway {}
    const app = await createApp(createPlatform, {
      gateways: [TwiceGateway],
      prepare: (app) => void app.enableVersioning({ type: VersioningType.URI }),
    })
    await expect(app.init()).rejects.toThrow('Option version must be a string, such as \'1\', not ["1","2"]')
  })
})

describe('isSameHost', () => {
  it.each([
    [undefined, true],
    ['http://app.example', true],
    ['https://app.example:8443', true],
    ['http://other.example', false],
    ['http://app.example.evil', false],
    ['null', false],
    ['app.example', false],
    ['', false],
  ])('says of a page of %s: %s', (origin, expected) => {
    expect(isSameHost(origin, { headers: { host: 'app.example:8080' } } as IncomingMessage)).toBe(expected)
  })
})

describe('normalizePath', () => {
  it.each([
    ['', '/'],
    ['/', '/'],
    ['rooms', '/rooms'],
    ['/rooms/', '/rooms'],
    ['//rooms//:id/', '/rooms/:id'],
  ])('writes %j as %j', (path, normalized) => {
    expect(normalizePath(path)).toBe(normalized)
  })
})
