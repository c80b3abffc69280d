import { rawUpgrade } from '@upwire/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { BOILER, type RunningApp, startApp } from './running-app.ts'

let running: RunningApp

beforeEach(async () => {
  running = await startApp()
})

afterEach(() => running.close())

describe('the dashboard', () => {
  it('leads to sign in, and is shown to who is signed in', async () => {
    const stranger = await running.get('/')
    expect([stranger.status, stranger.headers.get('location')]).toEqual([302, '/sign-in'])
    const page = await running.get('/', { cookie: await running.signIn('Ada') })
    expect(page.status).toBe(200)
    expect(await page.text()).toContain('<script type="module" src="/dashboard.js"></script>')
  })

  it('is no file that everybody may load', async () => {
    expect((await running.get('/dashboard.html')).status).toBe(404)
    expect((await running.get('/../pages/dashboard.html')).status).toBe(404)
    expect((await running.get('/dashboard.js')).status).toBe(200)
  })
})

describe('the WebSocket of the dashboard', () => {
  it('is refused with 401 to who is not signed in', async () => {
    const client = await rawUpgrade(running.port, { path: '/live' })
    expect(client.head).toMatch(/^HTTP\/1\.1 401 Unauthorized\r\n/)
    expect(await client.body()).toBe('{"error":"Sign in first."}')
  })

  it('is refused with 401 to a device', async () => {
    const authorization = `Bearer ${running.app.jwt.sign(BOILER)}`
    expect((await rawUpgrade(running.port, { path: '/live', headers: { authorization } })).status).toBe(401)
  })

  it('is refused with 403 to the page of another site', async () => {
    const headers = { cookie: await running.signIn('Ada'), origin: 'https://example.com' }
    expect((await rawUpgrade(running.port, { path: '/live', headers })).status).toBe(403)
  })

  it('shows what a device measures', async () => {
    const viewer = await running.viewer(await running.signIn('Ada'))
    expect(await viewer.next()).toMatchObject({ type: 'welcome', you: { name: 'Ada' }, series: [] })
    const device = await running.device()
    device.send({ sequence: 1, value: 61.5 })
    expect(await viewer.next()).toEqual({
      type: 'reading',
      device: BOILER,
      reading: [expect.any(Number), 61.5],
    })
  })

  it('is closed with 1008 when the page talks', async () => {
    const viewer = await running.viewer(await running.signIn('Ada'))
    viewer.send('Hello')
    expect(await viewer.client.nextClose()).toEqual({ code: 1008, reason: 'A viewer has nothing to say' })
  })
})
