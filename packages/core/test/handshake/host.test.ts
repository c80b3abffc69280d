import { describe, expect, it } from 'vitest'
import { readHost } from '../../src/handshake/host.ts'
import { randomSource } from '../support/random-source.ts'
import { randomText } from './hostile.ts'

const SEED = 0x6455_0002

describe('readHost', () => {
  it.each([
    ['server.example', 'server.example', undefined],
    ['Server.EXAMPLE:8080', 'server.example', 8080],
    ['localhost:', 'localhost', undefined],
    ['127.0.0.1:80', '127.0.0.1', 80],
    ['[::1]', '[::1]', undefined],
    ['[2001:DB8::1]:443', '[2001:db8::1]', 443],
    ['[::ffff:127.0.0.1]:65535', '[::ffff:127.0.0.1]', 65535],
    ['under_score.example', 'under_score.example', undefined],
    ['xn--mnchen-3ya.example', 'xn--mnchen-3ya.example', undefined],
  ])('reads %j', (value, name, port) => {
    expect(readHost(value)).toEqual({ name, port })
  })

  it.each([
    ['nothing', ''],
    ['no name', ':80'],
    ['user info', 'user@server.example'],
    ['a path', 'server.example/'],
    ['a query', 'server.example?x'],
    ['a fragment', 'server.example#x'],
    ['a backslash', 'server.example\\x'],
    ['a scheme', 'http://server.example'],
    ['two hosts', 'a.example, b.example'],
    ['a space', 'server example'],
    ['a tab, which URL parsers drop', 'server\t.example'],
    ['a line break', 'server.example\n'],
    ['NUL', 'server.example\0'],
    ['characters beyond ASCII', 's\u00e9rver.example'],
    ['an IPv6 address without brackets', '::1'],
    ['an open bracket', '[::1'],
    ['an impossible IPv6 address', '[::::]'],
    ['a zone', '[fe80::1%25eth0]'],
    ['an impossible IPv4 address', '1.2.3.256'],
    ['a name that decodes to a NUL', 'server%00.example'],
    ['a broken percent-encoding', 'server%zz.example'],
    ['a port that is no number', 'server.example:http'],
    ['two ports', 'server.example:80:80'],
    ['port 65536', 'server.example:65536'],
    ['a name of 256 characters', 'a'.repeat(256)],
    ['16 KiB of punycode', `xn--${'a'.repeat(16 * 1024)}`],
  ])('refuses %s', (_what, value) => {
    expect(readHost(value)).toBeUndefined()
  })

  it(`accepts only what URL accepts as well, of 20,000 random values (websocket-driver CVE-2026-61666, seed ${SEED})`, () => {
    const random = randomSource(SEED)
    const pieces = [
      'a',
      'example',
      '.',
      ':',
      '80',
      '[',
      ']',
      '::',
      '1',
      '%',
      '%2e',
      '@',
      '/',
      '\\',
      'xn--',
      '-',
      '0x',
    ]
    let accepted = 0
    for (let round = 0; round < 20_000; round++) {
      const value = randomText(random, pieces, 8)
      if (readHost(value) === undefined) continue
      accepted++
      const url = new URL(`http://${value}`)
      expect([url.username, url.password, url.pathname, url.search, url.hash]).toEqual(['', '', '/', '', ''])
    }
    expect(accepted).toBeGreaterThan(500)
  })
})
