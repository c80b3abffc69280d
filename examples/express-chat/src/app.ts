import { fileURLToPath } from 'node:url'
import { upwire } from '@upwire/express'
import express, { type RequestHandler } from 'express'
import { chat, SIGNED_OUT, type Visit } from './chat.ts'
import { isRoomName, ROOM_NAME_RULE } from './names.ts'
import { Rooms } from './rooms.ts'
import { type SessionSettings, sessions } from './session.ts'
import { askToSignIn, FIRST_ROOM, requireUser, signIn } from './sign-in.ts'

const PAGES = fileURLToPath(new URL('../pages', import.meta.url))
const PUBLIC = fileURLToPath(new URL('../public', import.meta.url))

/** No page, script, style or image of ours comes from elsewhere, and no other site may put a page of ours into a frame. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** The application, not listening yet. */
export function createApp(settings: SessionSettings) {
  const app = upwire(express(), { maxPayload: 16 * 1024, messageRate: 20 })
  const rooms = new Rooms()

  app.disable('x-powered-by')
  app.use(secureHeaders)
  app.use(express.static(PUBLIC, { index: false }))
  app.use(sessions(settings))
  app.use(signIn(PAGES, { hasPerson: (name) => rooms.hasPerson(name), disconnect }))

  app.param('room', (_request, response, next, name) => {
    if (isRoomName(name)) next()
    else response.status(404).type('text/plain').send(ROOM_NAME_RULE)
  })

  app.get('/', (_request, response) => {
    response.redirect(`/rooms/${FIRST_ROOM}`)
  })

  app.ws('/rooms/:room', requireUser, chat(rooms, app.websockets))

  app.get('/rooms/:room', askToSignIn, (_request, response) => {
    response.sendFile('room.html', { root: PAGES })
  })

  return app

  function disconnect({ id }: { readonly id: string }): void {
    for (const socket of app.websockets.clients) {
      if ((socket.data as Visit).user.id === id) socket.close(SIGNED_OUT, 'Signed out')
    }
  }
}

const secureHeaders: RequestHandler = (_request, response, next) => {
  response.set('Content-Security-Policy', CONTENT_SECURITY_POLICY)
  response.set('X-Content-Type-Options', 'nosniff')
  response.set('Referrer-Policy', 'same-origin')
  next()
}
