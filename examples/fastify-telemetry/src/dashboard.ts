import cookie from '@fastify/cookie'
import session from '@fastify/session'
import files from '@fastify/static'
import type { FastifyPluginAsync } from 'fastify'
import type { Board } from './board.ts'
import { PAGES, PUBLIC } from './pages.ts'
import { SessionFile } from './session-file.ts'
import { askToSignIn, requirePerson, signIn } from './sign-in.ts'
import { Viewer } from './viewer.ts'

const ONE_WEEK = 7 * 24 * 60 * 60 * 1000

export interface DashboardOptions {
  readonly board: Board
  /** Signs the session cookie: 32 characters or more. */
  readonly secret: string
  /** The file that keeps the sessions. */
  readonly sessions: string
}

/** The page, and the WebSocket route that feeds it: both behind the session of this context. */
export const dashboard: FastifyPluginAsync<DashboardOptions> = async (app, { board, secret, sessions }) => {
  await app.register(files, { root: PUBLIC })
  await app.register(cookie)
  await app.register(session, {
    cookieName: 'telemetry.sid',
    secret,
    store: new SessionFile(sessions),
    saveUninitialized: false,
    rolling: false,
    cookie: { httpOnly: true, sameSite: 'lax', secure: 'auto', maxAge: ONE_WEEK },
  })
  await app.register(signIn, { dismiss: (person) => board.dismiss(person) })

  app.get('/', { preHandler: askToSignIn }, (_request, reply) => reply.sendFile('dashboard.html', PAGES))

  app.ws('/live', { preHandler: requirePerson }, (socket, { session }) => {
    const viewer = new Viewer(session.person!, socket)
    socket.on('drain', () => viewer.catchUp())
    socket.on('message', () => socket.close(1008, 'A viewer has nothing to say'))
    socket.on('close', () => board.leave(viewer))
    board.join(viewer)
  })
}
