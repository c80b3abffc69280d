import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { RequestHandler } from 'express'
import session from 'express-session'
import type { User } from './messages.ts'
import { SessionFile } from './session-file.ts'

declare module 'express-session' {
  interface SessionData {
    user: User
  }
}

const ONE_WEEK = 7 * 24 * 60 * 60 * 1000

export interface SessionSettings {
  /** Holds what must outlive a restart: the sessions, and the secret if none is given. */
  readonly directory: string
  /** Signs the cookie. Default: a random one, kept in `directory`. */
  readonly secret?: string | undefined
}

/** The session of pages and WebSockets alike. */
export function sessions({ directory, secret }: SessionSettings): RequestHandler {
  return session({
    name: 'chat.sid',
    secret: secret ?? keptSecret(join(directory, 'session-secret')),
    store: new SessionFile(join(directory, 'sessions.json')),
    resave: false,
    saveUninitialized: false,
    cookie: { httpOnly: true, sameSite: 'lax', secure: 'auto', maxAge: ONE_WEEK },
  })
}

/** A secret made once and kept in a file, so that cookies stay valid after a restart. */
function keptSecret(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  const secret = randomBytes(32).toString('base64url')
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, secret, { mode: 0o600 })
  console.log(`SESSION_SECRET is not set: a random one is kept in ${path}`)
  return secret
}
