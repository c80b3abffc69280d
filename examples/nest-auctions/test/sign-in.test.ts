import { describe, expect, it } from 'vitest'
import { PASSWORD, startAuctions } from './running-auctions.ts'

describe('signing in', () => {
  it('makes a bidder of who has no password, and the auctioneer of who has', async () => {
    const auctions = await startAuctions()
    const { auction: seenByAda } = await auctions.join(await auctions.signIn('Ada'))
    expect(seenByAda.data).toMatchObject({ you: { name: 'Ada', role: 'bidder' } })
    const { auction: seenByGrace } = await auctions.join(await auctions.signIn('Grace', PASSWORD))
    expect(seenByGrace.data).toMatchObject({ you: { name: 'Grace', role: 'auctioneer' } })
  })

  it.each([
    ['/sign-in?auction=radio', '/auctions/radio'],
    ['/sign-in?auction=//example.com', '/'],
    ['/sign-in?auction[]=radio', '/'],
    ['/sign-in', '/'],
  ])('leads from %s to %s', async (path, location) => {
    const auctions = await startAuctions()
    const response = await auctions.post(path, { body: new URLSearchParams({ name: 'Ada' }) })
    expect([response.status, response.headers.get('location')]).toEqual([303, location])
  })

  it.each([
    ['a tag for a name', { name: '<b>' }, 400, /^A name is 1 to 24 letters/],
    ['no name', {}, 400, /^A name is 1 to 24 letters/],
    ['a long password', { name: 'Ada', password: 'x'.repeat(201) }, 400, /^A password has 200 characters/],
    ['a wrong password', { name: 'Ada', password: 'please' }, 401, /^That is not the password/],
  ])('refuses %s, and says why', async (_what, fields: Record<string, string>, status, message) => {
    const auctions = await startAuctions()
    const response = await auctions.post('/sign-in', { body: new URLSearchParams(fields) })
    const body = (await response.json()) as { message: string | string[] }
    expect([response.status, [body.message].flat()]).toEqual([status, [expect.stringMatching(message)]])
    expect(response.headers.getSetCookie()).toEqual([])
  })
})

describe('signing out', () => {
  it('takes the cookie back', async () => {
    const auctions = await startAuctions()
    const response = await auctions.post('/sign-out', { headers: { cookie: await auctions.signIn('Ada') } })
    expect([response.status, response.headers.get('location')]).toEqual([303, '/sign-in'])
    expect(response.headers.getSetCookie()).toEqual([
      'session=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT',
    ])
  })
})
