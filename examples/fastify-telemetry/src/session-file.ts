import { readFileSync } from 'node:fs'
import type { SessionStore } from '@fastify/session'
import type { Session } from 'fastify'
import { replaceFile } from './replace-file.ts'

const MAX_SESSIONS = 10_000

type Done = (error?: unknown) => void
type Found = (error: unknown, session?: Session | null) => void

/**
 * Sessions in one JSON file, so that a restart of the server signs nobody out. It serves a single process and is
 * written at each sign-in and sign-out; several processes share a database instead, such as `connect-redis`.
 */
export class SessionFile implements SessionStore {
  readonly #path: string
  readonly #sessions: Map<string, Session>

  constructor(path: string) {
    this.#path = path
    this.#sessions = new Map(Object.entries(readSessions(path)))
  }

  get(id: string, found: Found): void {
    const session = this.#sessions.get(id)
    // What a request does to its session is kept when it is set, and not before.
    found(null, session !== undefined && isAlive(session) ? structuredClone(session) : null)
  }

  set(id: string, session: Session, done: Done): void {
    this.#sessions.set(id, JSON.parse(JSON.stringify(session)))
    this.#write(done)
  }

  destroy(id: string, done: Done): void {
    this.#sessions.delete(id)
    this.#write(done)
  }

  #write(done: Done): void {
    const alive = Array.from(this.#sessions).filter(([, session]) => isAlive(session))
    const newest = alive.slice(-MAX_SESSIONS)
    this.#sessions.clear()
    for (const [id, session] of newest) this.#sessions.set(id, session)
    try {
      replaceFile(this.#path, JSON.stringify(Object.fromEntries(newest)))
    } catch (error) {
      return done(error)
    }
    done()
  }
}

function isAlive({ cookie }: Session): boolean {
  return !cookie.expires || new Date(cookie.expires).getTime() > Date.now()
}

function readSessions(path: string): Record<string, Session> {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {}
    throw new Error(`Sessions cannot be read from ${path}: repair or delete it`, { cause: error })
  }
}
