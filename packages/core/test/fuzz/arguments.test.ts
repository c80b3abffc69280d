import { describe, expect, it } from 'vitest'
import { parseArguments, select } from '../../fuzz/arguments.ts'

const parse = (...args: string[]) => parseArguments(args, () => 42)

describe('the arguments of npm run fuzz', () => {
  it('leave out what they like', () => {
    expect(parse()).toEqual({ seconds: 10, only: [], seed: 42, help: false })
  })

  it('say for how long, which fuzzers, and which run', () => {
    const expected = { seconds: 0.5, only: ['frames', 'inflater'], seed: 7, help: false }
    expect(parse('--seconds', '0.5', '--only=frames,inflater', '--seed=7')).toEqual(expected)
  })

  it.each(['--seconds=0', '--seconds=ten', '--seed=-1', '--seed='])('are refused: %s', (arg) => {
    expect(() => parse(arg)).toThrow(/write a number above 0/)
  })

  it('name fuzzers that are there', () => {
    const all = [{ name: 'a' }, { name: 'b' }]
    expect(select(all, [])).toBe(all)
    expect(select(all, ['b'])).toEqual([{ name: 'b' }])
    expect(() => select(all, ['c'])).toThrow('--only=c: there is none of that name; there are a, b')
  })
})
