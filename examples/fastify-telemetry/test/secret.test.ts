import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { keptSecret } from '../src/secret.ts'

let directory: string

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'fastify-telemetry-'))
})

afterEach(() => rmSync(directory, { recursive: true }))

describe('keptSecret', () => {
  it('makes a secret once, and lets nobody else on the machine read it', () => {
    const path = join(directory, 'new', 'secret')
    const secret = keptSecret(path)
    expect(secret).toMatch(/^[\w-]{43}$/)
    expect([readFileSync(path, 'utf8'), keptSecret(path)]).toEqual([secret, secret])
    expect(statSync(path).mode & 0o077).toBe(0)
  })

  it('makes another one in another place', () => {
    expect(keptSecret(join(directory, 'a'))).not.toBe(keptSecret(join(directory, 'b')))
  })

  it('throws where there is something that cannot be read', () => {
    expect(() => keptSecret('/dev/null/secret')).toThrow('ENOTDIR')
  })
})
