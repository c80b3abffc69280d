import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { replaceFile } from '../src/replace-file.ts'

let directory: string

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'fastify-telemetry-'))
})

afterEach(() => rmSync(directory, { recursive: true }))

describe('replaceFile', () => {
  it('makes the file and its folder, and puts new content in the place of the old', () => {
    const path = join(directory, 'new', 'file')
    replaceFile(path, 'a longer text')
    replaceFile(path, 'text')
    expect(readFileSync(path, 'utf8')).toBe('text')
    expect(readdirSync(join(directory, 'new'))).toEqual(['file'])
  })

  it('lets nobody else on the machine read it', () => {
    const path = join(directory, 'file')
    replaceFile(path, 'text')
    expect(statSync(path).mode & 0o077).toBe(0)
  })
})
