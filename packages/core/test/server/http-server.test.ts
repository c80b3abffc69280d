import { createServer as createHttp2Server, createSecureServer } from 'node:http2'
import { createServer as createTcpServer } from 'node:net'
import { describe, expect, it } from 'vitest'
import { checkHttpServer, isSecure } from '../../src/server/http-server.ts'
import { pages, securePages, TLS } from './servers.ts'

const http2AndHttp1 = createSecureServer({ ...TLS, allowHTTP1: true })

describe('checkHttpServer', () => {
  it.each([
    ['an http server', pages()],
    ['an https server', securePages()],
    ['an HTTP/2 server that allows HTTP/1.1', http2AndHttp1],
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

describe('checkHttpServer', () => {
  it.each([
    ['with TLS', createSecureServer(TLS)],
    ['without TLS', createHttp2Server()],
  ])('says that an HTTP/2 server %s has no HTTP/1.1', (_, server) => {
    expect(() => checkHttpServer(server)).toThrow(
      new TypeError(
        'WebSockets need HTTP/1.1, and this server only speaks HTTP/2: create it with TLS and allowHTTP1: true',
      ),
    )
  })
})

describe('isSecure', () => {
  it('tells an https server from an http server', () => {
    expect(isSecure(securePages())).toBe(true)
    expect(isSecure(http2AndHttp1)).toBe(true)
    expect(isSecure(pages())).toBe(false)
  })
})
