import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { CONTRACT } from '../../src/contract/describe-contract.ts'

const folder = new URL('../../src/contract/', import.meta.url)

describe('the contract', () => {
  it('has the cases of every file', async () => {
    const modules = await Promise.all(
      readdirSync(folder).map((file): Promise<object> => import(new URL(file, folder).href)),
    )
    const lists = modules.flatMap((module) => Object.values(module)).filter((value) => Array.isArray(value))
    expect(new Set(Object.values(CONTRACT))).toEqual(new Set(lists))
  })

  it.each(Object.entries(CONTRACT))('names each case "%s …" once', (_topic, cases) => {
    const titles = cases.map(({ title }) => title)
    expect(titles).toEqual([...new Set(titles)])
  })
})
