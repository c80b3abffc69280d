import { describe, expect, it, vi } from 'vitest'
import { checkOriginRule, type OriginRule, originAllowed } from '../../src/handshake/origin.ts'
import { randomSource } from '../support/random-source.ts'
import { randomText } from './hostile.ts'
import { openingRequest } from './request.ts'

const SEED = 0x6455_0004

function allowed(rule: OriginRule, origin: string | undefined, host: string | undefined = 'server.example') {
  return originAllowed(rule, openingRequest({ origin, host }))
}

describe("the origin rule 'same-origin'", () => {
  it('allows a request without an Origin, which comes from no browser', () => {
    expect(allowed('same-origin', undefined)).toBe(true)
  })

  it.each([
    ['http://server.example', 'server.example'],
    ['http://server.example', 'SERVER.example'],
    ['http://server.example', 'server.example:80'],
    ['http://server.example:80', 'server.example:'],
    ['https://server.example', 'server.example:443'],
    ['http://localhost:3000', 'localhost:3000'],
    ['http://127.0.0.1:3000', '127.0.0.1:3000'],
    ['http://[::1]:3000', '[::1]:3000'],
    ['https://[2001:db8::1]', '[2001:DB8::1]'],
  ])('allows a page of %s at the host %s', (origin, host) => {
    expect(allowed('same-origin', origin, host)).toBe(true)
  })

  it('allows a page read over https although a proxy made the request a plain one', () => {
    expect(allowed('same-origin', 'https://server.example', 'server.example')).toBe(true)
  })

  it.each([
    ['http://other.example', 'server.example'],
    ['http://server.example:8080', 'server.example'],
    ['http://server.example', 'server.example:8080'],
    ['http://server.example', 'server.example:443'],
    ['https://server.example', 'server.example:80'],
    ['http://localhost:3000', '127.0.0.1:3000'],
    ['http://localhost:3000', 'localhost:3001'],
    ['http://[::1]', '[::2]'],
  ])('refuses a page of %s at the host %s', (origin, host) => {
    expect(allowed('same-origin', origin, host)).toBe(false)
  })

  // The origin checks of development servers were passed with a name that merely contains the right one.
  it.each([
    'http://server.example.attacker.example',
    'http://attacker-server.example',
    'http://sub.server.example',
    'http://server.example@attacker.example',
    'http://attacker.example#server.example',
    'http://attacker.example\\.server.example',
    'http://server.example:80@attacker.example',
    'http://attacker.example/server.example',
  ])('refuses %s, which only resembles the host (CVE-2018-14732)', (origin) => {
    expect(allowed('same-origin', origin)).toBe(false)
  })

  it.each([
    ['null', 'null'],
    ['an empty header', ''],
    ['no scheme', 'server.example'],
    ['a trailing slash', 'http://server.example/'],
    ['user info', 'http://user@server.example'],
    ['two origins, as Node joins a repeated header', 'http://server.example, http://server.example'],
    ['a scheme of an app', 'capacitor://server.example'],
    ['a scheme of no page', 'ws://server.example'],
    ['a broken address', 'http://[::1'],
    ['an impossible port', 'http://server.example:99999'],
  ])('refuses %s', (_what, origin) => {
    expect(allowed('same-origin', origin)).toBe(false)
  })

  it.each([undefined, '', 'server.example, server.example', '[::::]'])(
    'refuses every page at the host %j',
    (host) => {
      const request = openingRequest({ host, origin: 'http://server.example' })
      expect(originAllowed('same-origin', request)).toBe(false)
    },
  )

  it(`never throws on 20,000 random origins and hosts, nor lets one in that differs (seed ${SEED})`, () => {
    const random = randomSource(SEED)
    const pieces = [
      'server.example',
      'evil',
      '.',
      ':',
      '80',
      '@',
      '/',
      '\\',
      '[',
      ']',
      '#',
      '?',
      '%',
      'http://',
    ]
    for (let round = 0; round < 20_000; round++) {
      const origin = randomText(random, pieces, 4)
      if (!allowed('same-origin', `http://${origin}`)) continue
      expect(new URL(`http://${origin}`).host).toBe('server.example')
      expect(allowed('same-origin', 'http://server.example', origin)).toBe(true)
    }
  })
})

describe('DNS rebinding, where the page and the Host header agree on a name of the attacker', () => {
  const page = 'http://attacker.example:8080'
  const host = 'attacker.example:8080'

  it("passes 'same-origin', which has nothing to tell them apart by", () => {
    expect(allowed('same-origin', page, host)).toBe(true)
  })

  it('is stopped by an exact origin', () => {
    expect(allowed('http://localhost:8080', page, host)).toBe(false)
  })
})

describe('an exact origin', () => {
  const rule = 'https://app.example'

  it('allows that origin, whatever the host', () => {
    expect(allowed(rule, 'https://app.example', 'api.example')).toBe(true)
  })

  it.each([
    'http://app.example',
    'https://app.example:8443',
    'https://app.example.attacker.example',
    'https://server.example',
    'null',
    '',
  ])('refuses %j', (origin) => {
    expect(allowed(rule, origin)).toBe(false)
  })

  it('allows a request without an Origin', () => {
    expect(allowed(rule, undefined)).toBe(true)
  })
})

describe('a RegExp as origin rule', () => {
  const rule = /^https:\/\/[a-z0-9-]+\.example\.com$/

  it('allows what it matches, every time it is asked', () => {
    for (let time = 0; time < 3; time++) expect(allowed(rule, 'https://a.example.com')).toBe(true)
  })

  it.each(['https://a.example.com.attacker.example', 'null', 'https://server.example'])(
    'refuses %j',
    (origin) => {
      expect(allowed(rule, origin)).toBe(false)
    },
  )

  it('is not shown a text longer than any origin, on which it might take long', () => {
    expect(allowed(/^x+$/, 'x'.repeat(512))).toBe(true)
    expect(allowed(/^x+$/, 'x'.repeat(513))).toBe(false)
  })
})

describe('a list of origins', () => {
  const rule = ['same-origin', 'https://app.example', /^http:\/\/localhost:\d+$/]

  it.each(['http://server.example', 'https://app.example', 'http://localhost:5173', undefined])(
    'allows %j, which one of them allows',
    (origin) => {
      expect(allowed(rule, origin)).toBe(true)
    },
  )

  it.each(['https://attacker.example', 'null'])('refuses %j, which none of them allows', (origin) => {
    expect(allowed(rule, origin)).toBe(false)
  })
})

describe('a function as origin rule', () => {
  it.each(['https://app.example', 'null', undefined])('is asked about %j and decides', (origin) => {
    for (const answer of [true, false]) {
      const rule = vi.fn(() => answer)
      const request = openingRequest({ origin })
      expect(originAllowed(rule, request)).toBe(answer)
      expect(rule).toHaveBeenCalledExactlyOnceWith(origin, request)
    }
  })

  it('throws when the answer is a promise, which would allow everyone', () => {
    const rule = (async () => false) as unknown as OriginRule
    expect(() => allowed(rule, 'https://attacker.example')).toThrow(
      new TypeError(
        'origin: the function returned a value of type object; return true or false, ' +
          'and decide what takes a promise in the upgrade hook',
      ),
    )
  })
})

describe("the origin rule 'dangerously-any'", () => {
  it.each(['https://attacker.example', 'null', '', undefined])('allows %j', (origin) => {
    expect(allowed('dangerously-any', origin)).toBe(true)
  })
})

describe('checkOriginRule', () => {
  it.each([
    ['same-origin'],
    ['dangerously-any'],
    ['https://app.example'],
    ['http://localhost:3000'],
    ['http://[::1]:3000'],
    ['chrome-extension://abcdefghijklmnop'],
    ['capacitor://localhost'],
    [/^https:\/\/.*\.example\.com$/i],
    [['same-origin', 'https://app.example', /^http:\/\/localhost:\d+$/]],
    [() => true],
  ])('accepts %s', (rule) => {
    expect(() => checkOriginRule(rule)).not.toThrow()
  })

  it.each([
    ['*', "'*' lets any page on the web in; if you mean that, write 'dangerously-any'"],
    ['null', "'null' lets any page on the web in; if you mean that, write 'dangerously-any'"],
    ['https://*.example.com', 'write a RegExp, such as /^https:\\/\\/[a-z0-9-]+\\.example\\.com$/'],
    ['https://app.example/', "write 'https://app.example'"],
    ['https://app.example/chat?x#y', "write 'https://app.example'"],
    ['https://user:secret@app.example', "write 'https://app.example'"],
    ['https://App.Example:443', "write 'https://app.example'"],
    ['http://m\u00fcnchen.example', "write 'http://xn--mnchen-3ya.example'"],
    ['app.example', "write 'https://app.example'"],
    ['localhost:3000', "write 'https://localhost:3000'"],
    ['wss://app.example', "write 'https://app.example'"],
    ['ws://localhost:3000', "write 'http://localhost:3000'"],
    ['', "write 'https://app.example'"],
    ['http://', "write 'https://app.example'"],
    [/^https:\/\/a$/g, 'write /^https:\\/\\/a$/'],
    [/^https:\/\/a$/iy, 'write /^https:\\/\\/a$/i'],
    [[], 'an empty list refuses every page'],
    [['https://app.example', '*'], "write 'dangerously-any'"],
    [true, "a value of type boolean is no rule; write 'same-origin'"],
    [undefined, 'a value of type undefined is no rule'],
    [[null], 'a value of type object is no rule'],
  ])('throws for %s', (rule, message) => {
    const check = () => checkOriginRule(rule as unknown as OriginRule)
    expect(check).toThrow(TypeError)
    expect(check).toThrow(message)
  })
})
