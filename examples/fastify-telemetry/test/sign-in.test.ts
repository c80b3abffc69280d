import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type RunningApp, startApp } from './running-app.ts'

let running: RunningApp

beforeEach(async () => {
  running = await startApp()
})

afterEach(() => running.close())

describe('signing in', () => {
  it('sets a cookie that no script and no form of another site can use', async () => {
    const response = await running.post('/sign-in', { body: new URLSearchParams({ name: 'Ada' }) })
    expect([response.status, response.headers.get('location')]).toEqual([303, '/'])
    const [cookie] = response.headers.getSetCookie()
    expect(cookie).toMatch(/^telemetry\.sid=.+; HttpOnly; SameSite=Lax$/)
  })

  it('makes a new session for somebody who has one', async () => {
    const cookie = await running.signIn('Ada')
    const again = await running.post('/sign-in', {
      headers: { cookie },
      body: new URLSearchParams({ name: 'Grace' }),
    })
    const newCookie = again.headers.getSetCookie()[0].split(';')[0]
    expect(newCookie).not.toBe(cookie)
    expect([await nameFor(cookie), await nameFor(newCookie)]).toEqual([undefined, 'Grace'])
  })

  it.each(['Ada', 'Grace Hopper', "O'Neill", 'Zoë', '李雷', 'R2_D2'])('takes the name %s', async (name) => {
    expect(await nameFor(await running.signIn(name))).toBe(name)
  })

  it.each([
    ['nothing', new URLSearchParams({ name: '' })],
    ['spaces alone', new URLSearchParams({ name: '   ' })],
    ['25 letters', new URLSearchParams({ name: 'a'.repeat(25) })],
    ['a tag', new URLSearchParams({ name: '<b>Ada</b>' })],
    ['two names', new URLSearchParams('name=Ada&name=Grace')],
    ['no name', new URLSearchParams()],
    ['no form', undefined],
  ])('refuses %s with 400 and the rule', async (_what, body) => {
    const response = await running.post('/sign-in', { body })
    expect(response.status).toBe(400)
    expect(await response.json()).toEqual({ error: expect.stringMatching(/^A name is 1 to 24 letters/) })
  })
})

describe('signing out', () => {
  it('ends the session and closes every WebSocket of the person with 4401', async () => {
    const cookie = await running.signIn('Ada')
    const viewers = [await running.viewer(cookie), await running.viewer(cookie)]
    const other = await running.viewer(await running.signIn('Grace'))
    const response = await running.post('/sign-out', { headers: { cookie } })
    expect([response.status, response.headers.get('location')]).toEqual([303, '/sign-in'])
    for (const { client } of viewers) {
      expect(await client.nextClose()).toEqual({ code: 4401, reason: 'Signed out' })
    }
    expect(await nameFor(cookie)).toBeUndefined()
    await other.next()
    running.board.record({ id: 'boiler', name: 'Boiler', unit: '°C' }, 61)
    expect(await other.next()).toMatchObject({ type: 'reading' })
  })

  it('is no error for somebody who is not signed in', async () => {
    expect((await running.post('/sign-out')).status).toBe(303)
  })
})

describe('GET /session', () => {
  it('is answered 401 to who is not signed in', async () => {
    expect((await running.get('/session')).status).toBe(401)
  })
})

async function nameFor(cookie: string): Promise<string | undefined> {
  const session = (await (await running.get('/session', { cookie })).json()) as { person?: { name: string } }
  return session.person?.name
}
