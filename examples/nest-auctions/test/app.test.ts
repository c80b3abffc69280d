import { rawUpgrade } from '@upwire/testkit'
import { describe, expect, it } from 'vitest'
import { startAuctions } from './running-auctions.ts'

describe('the application', () => {
  it('allows scripts, styles and connections of its own server only', async () => {
    const auctions = await startAuctions()
    const policy = (await auctions.get('/sign-in')).headers.get('content-security-policy')
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'")
    expect(policy).not.toContain('unsafe-inline')
  })

  it('refuses the WebSocket of a page of another site with 403', async () => {
    const auctions = await startAuctions()
    const headers = { cookie: await auctions.signIn('Ada'), origin: 'https://example.com' }
    const client = await rawUpgrade(auctions.port, { path: '/auctions/lamp', headers })
    expect(client.status).toBe(403)
  })

  it('closes every WebSocket with 1001 when it closes', async () => {
    const auctions = await startAuctions()
    const { visitor } = await auctions.join(await auctions.signIn('Ada'))
    const closed = auctions.app.close()
    expect(await visitor.client.nextClose()).toMatchObject({ code: 1001 })
    visitor.client.end()
    await closed
  })
})
