import { describe, expect, it } from 'vitest'
import { readAddress } from '../../src/client/address.ts'

describe('an address', () => {
  it.each([
    ['ws://server.example', 'ws://server.example/', false, { host: 'server.example', port: '', path: '/' }],
    ['wss://server.example:80/a?b=c', 'wss://server.example:80/a?b=c', true, { port: '80', path: '/a?b=c' }],
    ['http://server.example', 'ws://server.example/', false, { port: '' }],
    ['https://server.example', 'wss://server.example/', true, { port: '' }],
    ['WS://Server.Example:80', 'ws://server.example/', false, { host: 'server.example', port: '' }],
    ['ws://[::1]:8080', 'ws://[::1]:8080/', false, { host: '::1', port: '8080' }],
    ['ws+unix:/run/a.sock', 'ws+unix:/run/a.sock', false, { socketPath: '/run/a.sock', path: '/' }],
    ['ws+unix:/a.sock:/b:c?d=:e', 'ws+unix:/a.sock:/b:c?d=:e', false, { path: '/b:c?d=:e' }],
    ['ws+unix:/a%3Ab%20c', 'ws+unix:/a%3Ab%20c', false, { socketPath: '/a:b c' }],
  ])('%s is read', (address, href, isSecure, destination) => {
    for (const form of [address, new URL(address)]) {
      const read = readAddress(form)
      expect([read.url.href, read.isSecure, read.userinfo]).toEqual([href, isSecure, undefined])
      expect(read.destination).toMatchObject(destination)
    }
  })

  it.each([
    ['ws://user:pass@server.example', 'user:pass'],
    ['ws://user@server.example', 'user:'],
    ['ws://:pass@server.example', ':pass'],
    ['ws://us%40er:p%3Ass@server.example', 'us@er:p:ss'],
  ])('%s has the user info %s', (address, userinfo) => {
    expect(readAddress(address).userinfo).toBe(userinfo)
  })

  it.each([
    ['', 'Invalid URL: '],
    ['nowhere', 'Invalid URL: nowhere'],
    ['/relative', 'Invalid URL: /relative'],
    ['ws://', 'Invalid URL: ws://'],
    ['ws://server.example:99999', 'Invalid URL: ws://server.example:99999'],
    ['ws://%zz@server.example', 'Invalid URL: ws://%zz@server.example'],
    ['ws+unix:/%ff', 'Invalid URL: ws+unix:/%ff'],
    ['ws+unix:/a%00b', 'Invalid URL: ws+unix:/a%00b'],
    [
      'ftp://server.example',
      `The URL's protocol must be one of "ws:", "wss:", "http:", "https:", or "ws+unix:"`,
    ],
    ['wss+unix:/a', `The URL's protocol must be one of "ws:", "wss:", "http:", "https:", or "ws+unix:"`],
    ['constructor://a', `The URL's protocol must be one of "ws:", "wss:", "http:", "https:", or "ws+unix:"`],
    ['ws://server.example/#part', 'The URL contains a fragment identifier'],
    ['ws+unix:', "The URL's pathname is empty"],
    ['ws+unix::/path', "The URL's pathname is empty"],
  ])('%s is a SyntaxError', (address, message) => {
    expect(() => readAddress(address)).toThrow(new SyntaxError(message))
  })

  it.each(['\r', '\n', '\0'])('holds no %j, which would be dropped silently', (character) => {
    expect(() => readAddress(`ws://server.example/a${character}b`)).toThrow(SyntaxError)
  })

  it.each([
    ['/b', 'wss://server.example/b', true],
    ['//other.example/b', 'wss://other.example/b', true],
    ['http://server.example/b', 'ws://server.example/b', false],
  ])('is read relative to another one: %s', (address, href, isSecure) => {
    const read = readAddress(address, new URL('wss://server.example/a'))
    expect([read.url.href, read.isSecure]).toEqual([href, isSecure])
  })

  it('leaves the URL that it is given as it is', () => {
    const url = new URL('http://server.example')
    readAddress(url)
    expect(url.href).toBe('http://server.example/')
  })

  it.each([
    ['ws://a', 'http://a:80/b', true],
    ['ws://a', 'wss://a', true],
    ['ws://a', 'ws://a:81', false],
    ['ws://127.0.0.1', 'ws://localhost', false],
    ['ws://[::1]', 'ws://localhost', false],
    ['ws+unix:/a:/b', 'ws+unix:/a:/c', true],
    ['ws+unix:/a', 'ws://a', false],
  ])('tells servers apart: %s and %s', (one, other, isSame) => {
    expect(readAddress(one).server === readAddress(other).server).toBe(isSame)
  })
})
