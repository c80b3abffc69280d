import type { ClientInfo, VerifyClient } from '@upwire/core'
import { describe, expect, it } from 'vitest'
import { connect, createApp, refused } from './harness.ts'

async function appWith(verifyClient: VerifyClient) {
  const app = await createApp({ options: { verifyClient } })
  app.get('/', { websocket: true }, (socket) => socket.send('in'))
  return app
}

describe('verifyClient', () => {
  it.each<[string, VerifyClient]>([
    ['returns true', (info: ClientInfo) => info.req.headers['x-key'] === 'k'],
    ['resolves with true', async ({ req }: ClientInfo) => req.headers['x-key'] === 'k'],
    ['calls back with true', ({ req }, next) => next(req.headers['x-key'] === 'k')],
  ])('lets in who it %s for, and nobody else', async (_how, verifyClient) => {
    const app = await appWith(verifyClient)
    expect(await (await connect(app, '/', { 'x-key': 'k' })).next()).toBe('in')
    expect(await refused(app)).toMatchObject({ statusCode: 401, payload: 'Unauthorized' })
  })

  it('says with what it is refused', async () => {
    const app = await appWith((_info: ClientInfo, next) => next(false, 403, 'no entry', { 'X-Why': 'key' }))
    const response = await refused(app)
    expect(response).toMatchObject({ statusCode: 403, payload: 'no entry' })
    expect(response.headers['x-why']).toBe('key')
  })

  it('refuses with 500 by throwing', async () => {
    const app = await appWith(() => {
      throw new Error('broken')
    })
    expect(await refused(app)).toMatchObject({ statusCode: 500 })
  })

  it('is told the origin, and whether the connection is encrypted', async () => {
    const seen: unknown[] = []
    const app = await appWith(({ origin, secure }: ClientInfo) => seen.push({ origin, secure }))
    await connect(app, '/', { origin: 'http://localhost' })
    expect(seen).toEqual([{ origin: 'http://localhost', secure: false }])
  })
})
