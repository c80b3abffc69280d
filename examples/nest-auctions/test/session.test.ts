import { JwtService } from '@nestjs/jwt'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { Session } from '../src/session.ts'
import { PASSWORD, startAuctions } from './running-auctions.ts'

const jwt = new JwtService({ secret: 'one secret', verifyOptions: { algorithms: ['HS256'] } })
const session = new Session(jwt)
const claims = { sub: 'person-1', name: 'Ada', role: 'bidder' }

afterEach(() => {
  vi.useRealTimers()
})

describe('Session', () => {
  it('knows whose cookie it is', async () => {
    const cookies = { session: jwt.sign(claims) }
    expect(await session.personOf({ cookies })).toEqual({ id: 'person-1', name: 'Ada', role: 'bidder' })
  })

  it.each([
    ['no cookie', undefined],
    ['no token', 'Ada'],
    ['a list', ['Ada']],
    ['a token of another secret', new JwtService({ secret: 'another' }).sign(claims)],
    ['a token that nobody signed', `${encode({ alg: 'none', typ: 'JWT' })}.${encode(claims)}.`],
    ['a token that is over', jwt.sign(claims, { expiresIn: -1 })],
  ])('knows nobody by %s', async (_what, token) => {
    expect(await session.personOf({ cookies: { session: token } })).toBeUndefined()
  })

  it('sets a cookie that no script and no form of another site can use', async () => {
    const auctions = await startAuctions()
    const response = await auctions.post('/sign-in', { body: new URLSearchParams({ name: 'Ada' }) })
    expect(response.headers.getSetCookie()).toEqual([
      expect.stringMatching(
        /^session=[\w-]+\.[\w-]+\.[\w-]+; Max-Age=43200; Path=\/; Expires=.+; HttpOnly; SameSite=Lax$/,
      ),
    ])
  })

  it('is over after 12 hours', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    const auctions = await startAuctions()
    const cookie = await auctions.signIn('Ada', PASSWORD)
    vi.advanceTimersByTime(12 * 60 * 60 * 1000 - 1000)
    expect((await auctions.get('/auctions', { cookie })).status).toBe(200)
    vi.advanceTimersByTime(1000)
    expect((await auctions.get('/auctions', { cookie })).status).toBe(401)
  })
})

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}
