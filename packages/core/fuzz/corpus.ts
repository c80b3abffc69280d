import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import type { Fuzzer } from './fuzzer.ts'
import { type Entry, formatEntry, readEntries } from './hex-text.ts'

const SEEDS = new URL('seeds/', import.meta.url)
const FINDINGS = new URL('findings/', import.meta.url)

/** The committed inputs of a fuzzer, those that once were findings among them. */
export function seedsOf({ seeds }: Fuzzer): Entry[] {
  const folder = new URL(`${seeds}/`, SEEDS)
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .sort()
    .flatMap((file) => readEntries(readFileSync(new URL(file, folder), 'utf8')))
}

/** Writes a finding where git does not look, and returns its path. */
export function saveFinding(name: string, seed: number, finding: Entry): string {
  mkdirSync(FINDINGS, { recursive: true })
  const file = new URL(`${name}-${seed}.txt`, FINDINGS)
  writeFileSync(file, formatEntry(finding))
  return file.pathname
}
