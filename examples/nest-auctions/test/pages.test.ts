import { describe, expect, it } from 'vitest'
import { startAuctions } from './running-auctions.ts'

describe('the pages', () => {
  it('lead from the root to the first auction, and from there to sign in', async () => {
    const auctions = await startAuctions()
    const root = await auctions.get('/')
    expect([root.status, root.headers.get('location')]).toEqual([302, '/auctions/lamp'])
    const page = await auctions.get('/auctions/radio')
    expect([page.status, page.headers.get('location')]).toEqual([302, '/sign-in?auction=radio'])
    expect((await auctions.get('/sign-in?auction=radio')).status).toBe(200)
  })

  it('show an auction to who is signed in', async () => {
    const auctions = await startAuctions()
    const page = await auctions.get('/auctions/radio', { cookie: await auctions.signIn('Ada') })
    expect(page.status).toBe(200)
    expect(await page.text()).toContain('<script type="module" src="/auction.js"></script>')
  })

  it('say which auctions there are, to who is signed in', async () => {
    const auctions = await startAuctions()
    expect((await auctions.get('/auctions')).status).toBe(401)
    const list = await auctions.get('/auctions', { cookie: await auctions.signIn('Ada') })
    expect(await list.json()).toEqual([
      { id: 'lamp', title: 'Lighthouse lamp' },
      { id: 'radio', title: 'Valve radio' },
      { id: 'globe', title: 'Desk globe' },
    ])
  })
})
