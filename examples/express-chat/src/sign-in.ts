import { randomUUID } from 'node:crypto'
import express, { type RequestHandler, Router } from 'express'
import type { User } from './messages.ts'
import { isRoomName, PERSON_NAME_RULE, personName } from './names.ts'

export const FIRST_ROOM = 'lounge'

/** What signing in and out asks of the rest of the application. */
export interface Presence {
  hasPerson(name: string): boolean
  disconnect(user: User): void
}

/** For a WebSocket or a request of a script: the answer is 401, and for a WebSocket it comes before the 101. */
export const requireUser: RequestHandler = (request, response, next) => {
  if (request.session.user) next()
  else response.status(401).json({ error: 'Sign in first.' })
}

/** For the page of a room: whoever is not signed in is sent to sign in, and from there back to the room. */
export const askToSignIn: RequestHandler<{ room: string }> = (request, response, next) => {
  if (request.session.user) next()
  else response.redirect(`/sign-in?room=${request.params.room}`)
}

/** The routes that sign in and out. */
export function signIn(pages: string, presence: Presence): Router {
  const router = Router()

  router.get('/sign-in', (_request, response) => {
    response.sendFile('sign-in.html', { root: pages })
  })

  router.post(
    '/sign-in',
    express.urlencoded({ extended: false, limit: '1kb' }),
    (request, response, next) => {
      const name = personName(request.body?.name)
      if (name === undefined) {
        response.status(400).json({ error: PERSON_NAME_RULE })
        return
      }
      if (presence.hasPerson(name)) {
        response.status(409).json({ error: `${name} is here already. Choose another name.` })
        return
      }
      const room = isRoomName(request.query.room) ? request.query.room : FIRST_ROOM
      // A new session id at sign-in: one that somebody planted before is worth nothing.
      request.session.regenerate((error) => {
        if (error) return next(error)
        request.session.user = { id: randomUUID(), name }
        response.redirect(303, `/rooms/${room}`)
      })
    },
  )

  router.post('/sign-out', (request, response, next) => {
    const { user } = request.session
    request.session.destroy((error) => {
      if (error) return next(error)
      if (user !== undefined) presence.disconnect(user)
      response.redirect(303, '/sign-in')
    })
  })

  router.get('/session', requireUser, (request, response) => {
    response.json({ user: request.session.user })
  })

  return router
}
