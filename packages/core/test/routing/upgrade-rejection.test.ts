import { describe, expect, it } from 'vitest'
import { UpgradeRejection } from '../../src/routing/upgrade-rejection.ts'

describe('UpgradeRejection', () => {
  it('is an error with a status, and no headers and no body by default', () => {
    const rejection = new UpgradeRejection(401)
    expect(rejection).toBeInstanceOf(Error)
    expect(rejection.name).toBe('UpgradeRejection')
    expect(rejection.message).toBe('The opening handshake is refused with 401')
    expect(rejection).toMatchObject({ status: 401, headers: [], body: '' })
  })

  it.each([
    ['an object', { 'WWW-Authenticate': 'Bearer', 'Set-Cookie': ['a=1', 'b=2'] }],
    [
      'pairs',
      [
        ['WWW-Authenticate', 'Bearer'],
        ['Set-Cookie', 'a=1'],
        ['Set-Cookie', 'b=2'],
      ] as const,
    ],
    [
      'a Map',
      new Map([
        ['WWW-Authenticate', 'Bearer'],
        ['Set-Cookie', 'a=1'],
      ]),
    ],
  ])('takes headers as %s', (_, headers) => {
    const given = new UpgradeRejection(401, { headers }).headers
    expect(given.slice(0, 2)).toEqual([
      ['WWW-Authenticate', 'Bearer'],
      ['Set-Cookie', 'a=1'],
    ])
  })

  it('keeps a header that repeats', () => {
    const { headers } = new UpgradeRejection(401, { headers: { 'Set-Cookie': ['a=1', 'b=2'] } })
    expect(headers).toEqual([
      ['Set-Cookie', 'a=1'],
      ['Set-Cookie', 'b=2'],
    ])
  })

  it.each([101, 199, 600, 400.5, Number.NaN])('refuses the status %d where it is written', (status) => {
    expect(() => new UpgradeRejection(status)).toThrow(RangeError)
  })

  it('refuses a header that would begin another line', () => {
    expect(() => new UpgradeRejection(401, { headers: { 'X-A': 'b\r\nSet-Cookie: c' } })).toThrow(TypeError)
  })
})
