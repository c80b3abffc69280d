import { createServer as createTcpServer } from 'node:net'
import { describe, expect, it } from 'vitest'
import { checkHttpServer, isSecure } from '../../src/server/http-server.ts'
import { pages, securePages } from './servers.ts'

describe('checkHttpServer', () => {
  it.each([
    ['an http server', pages()],
    ['an https server', securePages()],
  ])('takes %s', (_, server) => {
    expect(() => checkHttpServer(server)).not.toThrow()
  })

  it.each([
    ['nothing', undefined],
    ['null', null],
    ['an object', {}],
    ['an application', () => {}],
    ['a port', 3000],
    ['a TCP server', createTcpServer()],
  ])('refuses %s', (_, server) => {
    expect(() => checkHttpServer(server)).toThrow(TypeError)
    expect(() => checkHttpServer(server)).toThrow(
      'attach() takes an http or https server: what http.createServer() returns, or app.listen()',
    )
  })
})

describe('isSecure', () => {
  it('tells an https server from an http server', () => {
    expect(isSecure(securePages())).toBe(true)
    expect(isSecure(pages())).toBe(false)
  })
})
