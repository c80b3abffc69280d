import { close } from '@upwire/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type RunningChat, startChat } from './running-chat.ts'

let chat: RunningChat

beforeEach(async () => {
  chat = await startChat()
})

afterEach(() => chat.close())

describe('signing in', () => {
  it('sets a cookie that no script and no form of another site can use', async () => {
    const response = await chat.post('/sign-in', { body: new URLSearchParams({ name: 'Ada' }) })
    expect(response.status).toBe(303)
    expect(response.headers.getSetCookie()).toEqual([
      expect.stringMatching(/^chat\.sid=s%3A.+; Path=\/; Expires=.+; HttpOnly; SameSite=Lax$/),
    ])
  })

  it('makes a new session for somebody who has one', async () => {
    const cookie = await chat.signIn('Ada')
    const again = await chat.post('/sign-in', {
      headers: { cookie },
      body: new URLSearchParams({ name: 'Grace' }),
    })
    const newCookie = again.headers.getSetCookie()[0].split(';')[0]
    expect(newCookie).not.toBe(cookie)
    expect(await user(cookie)).toBeUndefined()
    expect(await user(newCookie)).toMatchObject({ name: 'Grace' })
  })

  it.each(['/sign-in?room=//example.com', '/sign-in?room=a&room=b', '/sign-in?room[]=a', '/sign-in'])(
    'leads from %s to the first room',
    async (path) => {
      const response = await chat.post(path, { body: new URLSearchParams({ name: 'Ada' }) })
      expect(response.headers.get('location')).toBe('/rooms/lounge')
    },
  )

  it.each([
    ['a bad name', new URLSearchParams({ name: '<b>' })],
    ['no name', new URLSearchParams()],
    ['no form', undefined],
  ])('refuses %s with 400 and the rule', async (_what, body) => {
    const response = await chat.post('/sign-in', { body })
    expect(response.status).toBe(400)
    expect(await response.json()).toEqual({ error: expect.stringMatching(/^A name is 1 to 24 letters/) })
  })

  it('refuses with 409 the name of somebody who is here', async () => {
    await chat.join(await chat.signIn('Ada'), 'kitchen')
    const response = await chat.post('/sign-in', { body: new URLSearchParams({ name: 'ada' }) })
    expect(response.status).toBe(409)
    expect(await response.json()).toEqual({ error: 'ada is here already. Choose another name.' })
  })
})

describe('signing out', () => {
  it('ends the session and closes every WebSocket of the user with 4401', async () => {
    const cookie = await chat.signIn('Ada')
    const { visitor: lounge } = await chat.join(cookie, 'lounge')
    const { visitor: kitchen } = await chat.join(cookie, 'kitchen')
    const { visitor: other } = await chat.join(await chat.signIn('Grace'), 'kitchen')
    const response = await chat.post('/sign-out', { headers: { cookie } })
    expect([response.status, response.headers.get('location')]).toEqual([303, '/sign-in'])
    expect(await lounge.client.nextClose()).toEqual({ code: 4401, reason: 'Signed out' })
    expect(await kitchen.client.nextClose()).toEqual({ code: 4401, reason: 'Signed out' })
    kitchen.client.write(close(4401))
    expect(await user(cookie)).toBeUndefined()
    expect(await other.next()).toMatchObject({ type: 'left' })
  })

  it('is no error for somebody who is not signed in', async () => {
    expect((await chat.post('/sign-out')).status).toBe(303)
  })
})

describe('GET /session', () => {
  it('tells a page whether it is signed in', async () => {
    expect((await chat.get('/session')).status).toBe(401)
    expect(await user(await chat.signIn('Ada'))).toEqual({ id: expect.any(String), name: 'Ada' })
  })
})

async function user(cookie: string): Promise<unknown> {
  const session = (await (await chat.get('/session', { cookie })).json()) as { user?: unknown }
  return session.user
}
