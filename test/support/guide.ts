import { readFileSync } from 'node:fs'

/** The texts of a page's code blocks in one language, in order. */
export function codeBlocks(page: URL, language: 'ts' | 'sh'): string[] {
  const blocks = readFileSync(page, 'utf8').matchAll(/^```(\w+)\n(.*?)^```$/gms)
  return [...blocks].filter(([, name]) => name === language).map(([, , text]) => text)
}
