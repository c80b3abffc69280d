import cookie from '@fastify/cookie'
import { describe, expect, it } from 'vitest'
import { acceptance, createApp, refused } from './harness.ts'

describe('before a 101', () => {
  it('the onSend hooks of a route by ws() run, with no payload, and set headers', async () => {
    const app = await createApp()
    const payloads: unknown[] = []
    app.addHook('onSend', async (_request, reply, payload) => {
      payloads.push(payload)
      reply.header('X-One', '1')
    })
    app.addHook('onSend', (_request, reply, _payload, done) => {
      reply.header('X-Two', '2')
      done()
    })
    app.ws('/', () => {})
    expect((await acceptance(app)).headers).toMatchObject({ 'x-one': '1', 'x-two': '2' })
    expect(payloads).toEqual([null])
  })

  it.each([
    ['rejects', async () => Promise.reject(new Error('no'))],
    [
      'calls back with an error',
      (...[, , , done]: [unknown, unknown, unknown, (error: Error) => void]) => done(new Error('no')),
    ],
  ])('one that %s makes it a 500', async (_how, hook) => {
    const app = await createApp()
    let runs = 0
    app.addHook('onSend', (request, reply, payload, done) => {
      if (runs++ > 0) return done()
      return (hook as (...args: unknown[]) => void)(request, reply, payload, done)
    })
    app.ws('/', () => {})
    expect(await refused(app)).toMatchObject({ statusCode: 500 })
  })

  it('those of a route with { websocket: true } do not, but for those that write cookies', async () => {
    const app = await createApp()
    await app.register(cookie)
    app.addHook('onSend', async () => {
      throw new Error('not to be run')
    })
    app.addHook('preHandler', async (_request, reply) => void reply.setCookie('seen', 'yes'))
    app.get('/', { websocket: true }, () => {})
    expect((await acceptance(app)).headers).toMatchObject({ 'set-cookie': ['seen=yes; SameSite=Lax'] })
  })
})
