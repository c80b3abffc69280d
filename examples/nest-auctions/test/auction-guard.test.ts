import { rawUpgrade } from '@upwire/testkit'
import { expect, it } from 'vitest'
import { startAuctions } from './running-auctions.ts'

it('AuctionGuard answers an auction that there is not with 404, as a page and as a WebSocket', async () => {
  const auctions = await startAuctions()
  const cookie = await auctions.signIn('Ada')
  expect((await auctions.get('/auctions/hat', { cookie })).status).toBe(404)
  const client = await rawUpgrade(auctions.port, { path: '/auctions/hat', headers: { cookie } })
  expect(client.status).toBe(404)
  expect(JSON.parse(await client.body())).toMatchObject({ message: 'There is no such auction.' })
})
