import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { replaceFile } from './replace-file.ts'

/** A secret made once and kept in a file, so that cookies and tokens stay valid after a restart. */
export function keptSecret(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  const secret = randomBytes(32).toString('base64url')
  replaceFile(path, secret)
  return secret
}
