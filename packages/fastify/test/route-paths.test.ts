import Fastify, { type FastifyServerOptions } from 'fastify'
import { describe, expect, it } from 'vitest'
import { RoutePaths } from '../src/route-paths.ts'

function pathsOf(added: string[], options?: FastifyServerOptions): RoutePaths {
  const paths = new RoutePaths(Fastify(options))
  for (const path of added) paths.add(path)
  return paths
}

describe('the paths of WebSocket routes', () => {
  it('have parameters and wildcards', () => {
    const paths = pathsOf(['/rooms/:room', '/files/*'])
    expect(['/rooms/7', '/files/a/b', '/rooms', '/rooms/7/8'].map((path) => paths.has(path))).toEqual([
      true,
      true,
      false,
      false,
    ])
  })

  it('may be added again', () => {
    expect(pathsOf(['/a', '/a']).has('/a')).toBe(true)
  })

  it('are matched with the options of the router', () => {
    const routerOptions = { caseSensitive: false, ignoreTrailingSlash: true }
    expect(pathsOf(['/Chat'], { routerOptions }).has('/chat/')).toBe(true)
    expect(pathsOf(['/Chat']).has('/chat/')).toBe(false)
  })

  it('are not thrown off by what a peer sends', () => {
    expect(pathsOf(['/:a']).has('/%zz')).toBe(false)
  })
})
