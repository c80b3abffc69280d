import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseSync } from 'oxc-parser'
import { describe, expect, it } from 'vitest'
import { entriesOf, publishedPackages } from '../scripts/workspaces.ts'

const entries = publishedPackages('.').flatMap(({ folder, manifest }) =>
  [...entriesOf(manifest)].map(([name, source]) => ({ name, file: join(folder, source) })),
)

/** `@upwire/core/internal` → `upwire-core-internal.txt` */
const listOf = (name: string): string => `${name.slice(1).replaceAll('/', '-')}.txt`

/** What an entry exports, one name a line; `type` before those that are gone at run time. */
function exportsOf(file: string): string {
  const { module } = parseSync(file, readFileSync(file, 'utf8'))
  const names = module.staticExports
    .flatMap(({ entries }) => entries)
    .map(({ exportName, isType }) => {
      if (exportName.kind === 'None') throw new Error(`${file}: export each name by itself, not with *`)
      return `${isType ? 'type ' : ''}${exportName.name ?? 'default'}\n`
    })
  return names.sort().join('')
}

describe('the public names', () => {
  it.each(entries)('of $name are the listed ones (to change them: vitest run -u)', async ({ name, file }) => {
    await expect(exportsOf(file)).toMatchFileSnapshot(`public-surface/${listOf(name)}`)
  })

  it.each(entries)('of $name are there when it is imported', async ({ name, file }) => {
    const module: object = await import(name)
    const values = exportsOf(file)
      .split('\n')
      .filter((line) => line && !line.startsWith('type '))
    expect(Object.keys(module).sort()).toEqual(values)
  })

  it('have no list left of an entry that is gone', () => {
    expect(readdirSync('test/public-surface').sort()).toEqual(entries.map(({ name }) => listOf(name)).sort())
  })
})
