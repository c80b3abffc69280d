import { describe, expect, it } from 'vitest'
import { parseArguments, select } from '../arguments.ts'
import { sections } from '../cases/sections.ts'
import { targets } from '../targets/targets.ts'

const idsOf = (...only: string[]) => select(sections, only).flatMap(({ cases }) => cases.map(({ id }) => id))

describe('the arguments', () => {
  it('are all targets and all cases without any', () => {
    expect(parseArguments([])).toEqual({ targets, only: [], update: false, help: false })
  })

  it('name targets, cases, and what to do', () => {
    const options = parseArguments(['--target=ws-client,ws-server', '--only=6.4,7', '--update'])
    expect(options.targets.map(({ name }) => name)).toEqual(['ws-server', 'ws-client'])
    expect(options).toMatchObject({ only: ['6.4', '7'], update: true })
  })

  it.each(['--target=nobody', '--what'])('may not be %s', (argument) => {
    expect(() => parseArguments([argument])).toThrow(TypeError)
  })
})

describe('a selection', () => {
  it('is everything without a name', () => {
    expect(select(sections, [])).toEqual(sections)
  })

  it('has whole sections, groups and single cases', () => {
    expect(idsOf('10')).toEqual(['10.1.1'])
    expect(idsOf('6.4')).toEqual(['6.4.1', '6.4.2', '6.4.3', '6.4.4'])
    expect(idsOf('2.1', '6.4.2')).toEqual(['2.1', '6.4.2'])
  })

  it('cannot be of what does not exist', () => {
    expect(() => select(sections, ['8'])).toThrow('--only=8: no case has an id that begins so')
  })
})
