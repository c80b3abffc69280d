import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Session } from 'fastify'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { SessionFile } from '../src/session-file.ts'

const HOUR = 60 * 60 * 1000

let directory: string
let path: string

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'fastify-telemetry-'))
  path = join(directory, 'new', 'sessions.json')
})

afterEach(() => rmSync(directory, { recursive: true }))

describe('SessionFile', () => {
  it('gives a session back after a restart', async () => {
    await set(new SessionFile(path), 'one', session('Ada'))
    expect(await get(new SessionFile(path), 'one')).toMatchObject({ person: { name: 'Ada' } })
    expect(statSync(path).mode & 0o077).toBe(0)
  })

  it('knows no session that was never set', async () => {
    expect(await get(new SessionFile(path), 'one')).toBeNull()
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
  })
})

function session(name: string, lifetime = HOUR): Session {
  const expires = new Date(Date.now() + lifetime)
  return { cookie: { originalMaxAge: lifetime, expires }, person: { id: 'person-1', name } }
}

function set(file: SessionFile, id: string, data: Session): Promise<void> {
  return new Promise((resolve, reject) => {
    file.set(id, data, (error) => (error ? reject(error) : resolve()))
  })
}

function get(file: SessionFile, id: string): Promise<Session | null | undefined> {
  return new Promise((resolve, reject) => {
    file.get(id, (error, data) => (error ? reject(error) : resolve(data)))
  })
}
