import { afterEach, beforeEach, expect, it } from 'vitest'
import { type RunningApp, startApp } from './running-app.ts'

let running: RunningApp

beforeEach(async () => {
  running = await startApp()
})

afterEach(() => running.close())

it('allows scripts, styles and connections of its own server only', async () => {
  const page = await running.get('/sign-in')
  expect(page.headers.get('content-security-policy')).toBe(
    "default-src 'none';script-src 'self';style-src 'self';img-src 'self';connect-src 'self';" +
      "form-action 'self';base-uri 'none';frame-ancestors 'none'",
  )
})

it('asks devices for no cookie, and gives them none', async () => {
  const { client } = await running.device()
  expect([client.status, client.headers.get('set-cookie')]).toEqual([101, undefined])
})

it('says goodbye to devices and viewers with 1001 when it closes', async () => {
  const viewer = await running.viewer(await running.signIn('Ada'))
  const device = await running.device()
  const closed = running.app.close()
  for (const { client } of [viewer, device]) {
    expect(await client.nextClose()).toMatchObject({ code: 1001 })
    client.end()
  }
  await closed
})
