import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Cookie, type SessionData } from 'express-session'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { SessionFile } from '../src/session-file.ts'

const HOUR = 60 * 60 * 1000

let directory: string
let path: string

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'express-chat-'))
  path = join(directory, 'new', 'sessions.json')
})

afterEach(() => rmSync(directory, { recursive: true }))

describe('SessionFile', () => {
  it('gives a session back after a restart', async () => {
    await set(new SessionFile(path), 'one', session('Ada'))
    expect(await get(new SessionFile(path), 'one')).toMatchObject({ user: { name: 'Ada' } })
  })

  it('knows no session that was never set', async () => {
    expect(await get(new SessionFile(path), 'one')).toBeNull()
  })

  it('gives each reader a copy of its own', async () => {
    const file = new SessionFile(path)
    await set(file, 'one', session('Ada'))
    const first = await get(file, 'one')
    first!.user = { id: 'user-2', name: 'Mallory' }
    expect(await get(file, 'one')).toMatchObject({ user: { name: 'Ada' } })
  })

  it('forgets a session that is destroyed, also after a restart', async () => {
    const file = new SessionFile(path)
    await set(file, 'one', session('Ada'))
    await new Promise((done) => file.destroy('one', done))
    expect(await get(file, 'one')).toBeNull()
    expect(await get(new SessionFile(path), 'one')).toBeNull()
  })

  it('gives no session that has expired, and drops it at the next write', async () => {
    const file = new SessionFile(path)
    await set(file, 'old', session('Ada', -1))
    expect(await get(file, 'old')).toBeNull()
    await set(file, 'new', session('Grace'))
    expect(Object.keys(JSON.parse(readFileSync(path, 'utf8')))).toEqual(['new'])
  })

  it('keeps a session that never expires', async () => {
    const file = new SessionFile(path)
    await set(file, 'one', { ...session('Ada'), cookie: new Cookie() })
    expect(await get(file, 'one')).not.toBeNull()
  })

  it('lets nobody else on the machine read the file', async () => {
    await set(new SessionFile(path), 'one', session('Ada'))
    expect(statSync(path).mode & 0o077).toBe(0)
  })

  it('keeps the newest 10,000 sessions', async () => {
    const full = Array.from({ length: 10_000 }, (_, index) => [`session-${index}`, session('Ada')])
    const crowded = join(directory, 'crowded.json')
    writeFileSync(crowded, JSON.stringify(Object.fromEntries(full)))
    const file = new SessionFile(crowded)
    await set(file, 'newest', session('Grace'))
    expect(await get(file, 'session-0')).toBeNull()
    expect(await get(file, 'session-1')).not.toBeNull()
    expect(await get(file, 'newest')).not.toBeNull()
  })

  it('refuses to start from a file that is damaged, and names it', () => {
    const damaged = join(directory, 'damaged.json')
    writeFileSync(damaged, '{"one":')
    expect(() => new SessionFile(damaged)).toThrow(
      `Sessions cannot be read from ${damaged}: repair or delete it`,
    )
  })

  it('hands over the error where it cannot write', async () => {
    const file = new SessionFile(path)
    writeFileSync(join(directory, 'new'), 'a file where a directory is needed')
    await expect(set(file, 'one', session('Ada'))).rejects.toThrow('EEXIST')
    await expect(new Promise((done) => file.destroy('one', done))).resolves.toMatchObject({ code: 'EEXIST' })
  })
})

function session(name: string, lifetime = HOUR): SessionData {
  const cookie = new Cookie()
  cookie.expires = new Date(Date.now() + lifetime)
  return { cookie, user: { id: 'user-1', name } }
}

function set(file: SessionFile, id: string, data: SessionData): Promise<void> {
  return new Promise((resolve, reject) => {
    file.set(id, data, (error) => (error ? reject(error) : resolve()))
  })
}

function get(file: SessionFile, id: string): Promise<SessionData | null | undefined> {
  return new Promise((resolve, reject) => {
    file.get(id, (error, data) => (error ? reject(error) : resolve(data)))
  })
}
