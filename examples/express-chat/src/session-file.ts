import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import session, { type SessionData } from 'express-session'

const MAX_SESSIONS = 10_000

type Done = (error?: unknown) => void
type Found = (error: unknown, data?: SessionData | null) => void

/**
 * Sessions in one JSON file, so that a restart of the server signs nobody out. It serves a single process and is
 * written at each sign-in and sign-out; several processes share a database instead, such as `connect-redis`.
 */
export class SessionFile extends session.Store {
  readonly #path: string
  readonly #sessions: Map<string, SessionData>

  constructor(path: string) {
    super()
    this.#path = path
    this.#sessions = new Map(Object.entries(readSessions(path)))
  }

  override get(id: string, found: Found): void {
    const data = this.#sessions.get(id)
    // express-session changes what it gets: each request has a copy of its own.
    found(null, data !== undefined && isAlive(data) ? structuredClone(data) : null)
  }

  override set(id: string, data: SessionData, done: Done = () => {}): void {
    this.#sessions.set(id, JSON.parse(JSON.stringify(data)))
    this.#write(done)
  }

  override destroy(id: string, done: Done = () => {}): void {
    this.#sessions.delete(id)
    this.#write(done)
  }

  #write(done: Done): void {
    const alive = Array.from(this.#sessions).filter(([, data]) => isAlive(data))
    const newest = alive.slice(-MAX_SESSIONS)
    this.#sessions.clear()
    for (const [id, data] of newest) this.#sessions.set(id, data)
    try {
      replaceFile(this.#path, JSON.stringify(Object.fromEntries(newest)))
      done()
    } catch (error) {
      done(error)
    }
  }
}

function isAlive({ cookie }: SessionData): boolean {
  return !cookie.expires || new Date(cookie.expires).getTime() > Date.now()
}

function readSessions(path: string): Record<string, SessionData> {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {}
    throw new Error(`Sessions cannot be read from ${path}: repair or delete it`, { cause: error })
  }
}

/** A reader finds the old content or the new, never a half: the new file takes the place of the old one whole. */
function replaceFile(path: string, content: string): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(`${path}.new`, content, { mode: 0o600 })
  renameSync(`${path}.new`, path)
}
