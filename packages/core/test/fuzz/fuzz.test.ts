import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const PROGRAM = fileURLToPath(new URL('../../fuzz/fuzz.ts', import.meta.url))

function fuzz(...args: string[]) {
  const flags = ['--import', 'tsx', '--conditions=@upwire/source']
  return spawnSync(process.execPath, [...flags, PROGRAM, ...args], { encoding: 'utf8' })
}

describe('npm run fuzz', { timeout: 60_000 }, () => {
  it('says how many inputs of which seed it tried', () => {
    const { status, stdout } = fuzz('--seconds', '0.2', '--only=header-lists', '--seed=7')
    expect(stdout).toMatch(
      /^header-lists: .*\n {2}[\d,]+ inputs of seed 7, \d+ reached something new; nothing found\n$/,
    )
    expect(status).toBe(0)
  })

  it('says what it takes where it is asked for something else', () => {
    const { status, stderr } = fuzz('--only=everything')
    expect(stderr).toMatch(
      /--only=everything: there is none of that name; there are frames, .*\n\nnpm run fuzz -- /,
    )
    expect(status).toBe(2)
  })
})
