import { rawUpgrade } from '@upwire/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type RunningChat, startChat } from './running-chat.ts'

let chat: RunningChat

beforeEach(async () => {
  chat = await startChat()
})

afterEach(() => chat.close())

describe('the pages', () => {
  it('lead from the root to a first room, from there to sign in, and back', async () => {
    const root = await chat.get('/')
    expect([root.status, root.headers.get('location')]).toEqual([302, '/rooms/lounge'])
    const room = await chat.get('/rooms/kitchen')
    expect([room.status, room.headers.get('location')]).toEqual([302, '/sign-in?room=kitchen'])
    const signedIn = await chat.post('/sign-in?room=kitchen', { body: new URLSearchParams({ name: 'Ada' }) })
    expect([signedIn.status, signedIn.headers.get('location')]).toEqual([303, '/rooms/kitchen'])
  })

  it('show the room to who is signed in', async () => {
    const room = await chat.get('/rooms/kitchen', { cookie: await chat.signIn('Ada') })
    expect(room.status).toBe(200)
    expect(await room.text()).toContain('<script type="module" src="/chat.js"></script>')
  })

  it('allow scripts, styles and connections of their own server only', async () => {
    const page = await chat.get('/sign-in')
    const policy = page.headers.get('content-security-policy')
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'")
    expect(policy).not.toContain('unsafe-inline')
  })

  it.each(['/rooms/Lounge', '/rooms/a%20b', '/rooms/..%2fapp', `/rooms/${'x'.repeat(33)}`])(
    'do not exist at %s',
    async (path) => {
      const response = await chat.get(path, { cookie: await chat.signIn('Ada') })
      expect(response.status).toBe(404)
      expect(await response.text()).toBe('A room is named with 1 to 32 small letters, digits and dashes.')
    },
  )
})

describe('the WebSocket of a room', () => {
  it('is refused with 401 and without a frame to who is not signed in', async () => {
    const client = await rawUpgrade(chat.port, { path: '/rooms/lounge' })
    expect(client.head).toMatch(/^HTTP\/1\.1 401 Unauthorized\r\n/)
    expect(await client.body()).toBe('{"error":"Sign in first."}')
    await client.ended
    expect(client.received.toString()).toBe('{"error":"Sign in first."}')
  })

  it('is refused with 401 to a cookie that another server has signed', async () => {
    const cookie = 'chat.sid=s%3AHkaLeEMeUwjBotIcm4lqr7TBFYjhMIlh.3O0ErvOxZfqlgr434UOchy9chNSp5KQWVOMgqQkgZN4'
    const client = await rawUpgrade(chat.port, { path: '/rooms/lounge', headers: { cookie } })
    expect(client.status).toBe(401)
  })

  it('is refused with 403 to the page of another site', async () => {
    const headers = { cookie: await chat.signIn('Ada'), origin: 'https://example.com' }
    const client = await rawUpgrade(chat.port, { path: '/rooms/lounge', headers })
    expect(client.status).toBe(403)
  })

  it('does not exist under a name that is none', async () => {
    const headers = { cookie: await chat.signIn('Ada') }
    const client = await rawUpgrade(chat.port, { path: '/rooms/Lounge', headers })
    expect(client.status).toBe(404)
  })
})
