import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import Fastify, { type FastifyServerOptions } from 'fastify'
import { describe, expect, it } from 'vitest'
import { RoutePaths } from '../src/route-paths.ts'

function pathsOf(added: string[], options?: FastifyServerOptions): RoutePaths {
  const paths = new RoutePaths(Fastify(options))
  for (const path of added) paths.add(path)
  return paths
}

function request(url: string, headers: IncomingHttpHeaders = {}): IncomingMessage {
  return { url, headers } as IncomingMessage
}

/** Those of `urls` that are ours. */
function among(paths: RoutePaths, ...urls: string[]): string[] {
  return urls.filter((url) => paths.has(request(url)))
}

describe('the paths of WebSocket routes', () => {
  it('have parameters, patterns and wildcards', () => {
    const paths = pathsOf(['/rooms/:room', '/files/*', '/at/:h(^\\d{2})h:m(^\\d{2})m', '/maybe/:one?'])
    const ours = ['/rooms/7', '/files/a/b', '/at/12h30m', '/maybe', '/maybe/1', 'http://a.example/rooms/7?x']
    expect(among(paths, ...ours, '/rooms', '/rooms/7/8', '/at/12h3m', '/maybe/1/2', '*')).toEqual(ours)
  })

  it('may be added again', () => {
    expect(among(pathsOf(['/a', '/a', '/b/:c?', '/b/:c?']), '/a', '/b')).toEqual(['/a', '/b'])
  })

  it.each([
    ['under routerOptions', (options: object) => ({ routerOptions: options })],
    ['beside the other options', (options: object) => options],
  ])('are matched with the options of the router, given %s', (_where, options) => {
    const matching = {
      caseSensitive: false,
      ignoreDuplicateSlashes: true,
      ignoreTrailingSlash: true,
      maxParamLength: 2,
      useSemicolonDelimiter: true,
    }
    const added = ['/Chat', '/chat/', '/a/:b']
    const theirs = ['/chat/', '//chat', '/chat;x=1', '/A/12']
    expect(among(pathsOf(added, options(matching)), ...theirs, '/a/123')).toEqual(theirs)
    expect(among(pathsOf(added), ...theirs)).toEqual(['/chat/'])
  })

  it('are matched by host and version', () => {
    const paths = pathsOf([])
    paths.add('/', { host: 'a.example', version: '1.2.0' })
    const of = (host: string, version: string) => paths.has(request('/', { host, 'accept-version': version }))
    expect([of('a.example', '1.x'), of('b.example', '1.x'), of('a.example', '2.x')]).toEqual([
      true,
      false,
      false,
    ])
  })

  it('are matched without the constraints that only the application knows', () => {
    const secret = {
      name: 'secret',
      storage: () => ({ get: () => null, set() {} }),
      deriveConstraint: () => 'x',
    }
    const host = { ...secret, name: 'host' }
    const paths = pathsOf([], { routerOptions: { constraints: { secret, host } } } as object)
    paths.add('/', { secret: 'y', host: 'tenant' })
    expect(paths.has(request('/', { host: 'a.example' }))).toBe(true)
  })

  it('are matched with what rewriteUrl makes of the request', () => {
    const paths = pathsOf(['/chat'], { rewriteUrl: ({ url = '' }) => url.replace('/api', '') })
    expect(among(paths, '/api/chat?x', '/chat', '/api/news')).toEqual(['/api/chat?x', '/chat'])
  })

  it.each([
    ['throws', () => expect.fail()],
    ['returns no text', () => 7 as unknown as string],
  ])('leave it to Fastify when a rewriteUrl %s', (_how, rewriteUrl) => {
    expect(among(pathsOf([], { rewriteUrl }), '/')).toEqual(['/'])
  })

  it('are not thrown off by what a peer sends', () => {
    expect(among(pathsOf(['/:a']), '/%zz', '')).toEqual([])
  })
})
