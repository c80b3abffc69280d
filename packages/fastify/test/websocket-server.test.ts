import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { closeOf, connect, createApp } from './harness.ts'

describe('app.websocketServer', () => {
  it('has the open connections, counts them and sends to their topics', async () => {
    const app = await createApp()
    app.get('/', { websocket: true }, (socket) => socket.subscribe('news'))
    const [one, two] = [await connect(app), await connect(app)]
    expect(app.websocketServer.clients.size).toBe(2)
    expect(app.websocketServer.stats()).toMatchObject({ open: 2, accepted: 2 })
    expect(app.websocketServer.publish('news', 'hello')).toBe(2)
    expect([await one.next(), await two.next()]).toEqual(['hello', 'hello'])
  })

  it('has no clients with clientTracking: false, and closes them all the same', async () => {
    const app = await createApp({ options: { clientTracking: false } })
    app.get('/', { websocket: true }, () => {})
    const closed = closeOf(await connect(app))
    expect(app.websocketServer.clients).toBeUndefined()
    await app.close()
    expect(await closed).toBe('1001')
  })

  it('closes, and says so by an event, a callback and a promise', async () => {
    const app = await createApp()
    app.get('/', { websocket: true }, () => {})
    const closed = closeOf(await connect(app))
    const event = once(app.websocketServer, 'close')
    const callback = new Promise((resolve) => app.websocketServer.close(resolve))
    await app.websocketServer.close()
    await Promise.all([event, callback])
    expect(await closed).toBe('1001')
  })

  it('closes with a code of the program', async () => {
    const app = await createApp()
    app.get('/', { websocket: true }, () => {})
    const closed = closeOf(await connect(app))
    await app.websocketServer.close({ code: 1012, reason: 'restart' })
    expect(await closed).toBe('1012 restart')
  })
})
