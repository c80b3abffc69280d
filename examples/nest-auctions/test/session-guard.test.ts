import { rawUpgrade } from '@upwire/testkit'
import { describe, expect, it } from 'vitest'
import { startAuctions } from './running-auctions.ts'

describe('SessionGuard', () => {
  it.each([
    ['no cookie', {}],
    ['a cookie that is no token', { cookie: 'session=Ada' }],
  ])('refuses a handshake with %s by 401, and no frame', async (_what, headers) => {
    const { port } = await startAuctions()
    const client = await rawUpgrade(port, { path: '/auctions/lamp', headers })
    expect(client.head).toMatch(/^HTTP\/1\.1 401 Unauthorized\r\n/)
    const body = await client.body()
    expect(JSON.parse(body)).toEqual({ message: 'Sign in first.', error: 'Unauthorized', statusCode: 401 })
    await client.ended
    expect(client.received.toString()).toBe(body)
  })

  it('is asked before anybody learns which auctions there are', async () => {
    const { port } = await startAuctions()
    expect((await rawUpgrade(port, { path: '/auctions/hat' })).status).toBe(401)
  })

  it('takes no token from the query, which is written into logs', async () => {
    const auctions = await startAuctions()
    const [, token] = (await auctions.signIn('Ada')).split('=')
    const client = await rawUpgrade(auctions.port, { path: `/auctions/lamp?token=${token}` })
    expect(client.status).toBe(401)
  })
})
