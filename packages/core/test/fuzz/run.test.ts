import { describe, expect, it, onTestFinished } from 'vitest'
import { Coverage } from '../../fuzz/coverage.ts'
import { BrokenProperty, type Fuzzer } from '../../fuzz/fuzzer.ts'
import { type RunOptions, run } from '../../fuzz/run.ts'
import type { Choices } from '../support/random-source.ts'

const LONG_ENOUGH = 5000

function fuzzerThat(check: Fuzzer['check']): Fuzzer {
  const generate = (choices: Choices) => choices.bytes(1 + choices.below(20))
  return { name: 'planted', seeds: 'planted', about: 'a bug on purpose', generate, check }
}

function options(changes: Partial<RunOptions> = {}): RunOptions {
  return { seed: 1, seeds: [], maxInputs: LONG_ENOUGH, ...changes }
}

/** A bug at every byte above 0xf0 that a 0x07 follows. */
const planted = fuzzerThat((input) => {
  const at = input.findIndex((byte, index) => byte > 0xf0 && input[index + 1] === 7)
  if (at >= 0) throw new BrokenProperty('no 07 follows', `at ${at} of ${input.toString('hex')}`)
})

describe('a run', () => {
  it('finds a bug, and gives the shortest input that shows it', async () => {
    const { finding, inputs } = await run(planted, options())
    expect(finding?.input).toHaveLength(2)
    expect(finding?.input[0]).toBeGreaterThan(0xf0)
    expect(finding?.input[1]).toBe(7)
    expect(String(finding?.error)).toContain('no 07 follows: at 0 of')
    expect(inputs).toBeLessThan(LONG_ENOUGH)
  })

  it('finds the same again by its seed, and by another seed in another place', async () => {
    const first = await run(planted, options())
    expect(await run(planted, options())).toEqual(first)
    expect((await run(planted, options({ seed: 2 }))).inputs).not.toBe(first.inputs)
  })

  it('finds what is thrown later, and what is not an error of ours', async () => {
    const later = fuzzerThat(async (input) => {
      await Promise.resolve()
      if (input.length > 12) decodeURIComponent('%')
    })
    const { finding } = await run(later, options())
    expect(finding?.error).toBeInstanceOf(URIError)
    expect(finding?.input).toEqual(Buffer.alloc(13))
  })

  it('does not take another bug for the one it shortens', async () => {
    const two = fuzzerThat((input) => {
      if (input.length < 3) throw new BrokenProperty('inputs have three bytes', '')
      if (input.length > 15) throw new BrokenProperty('inputs have fifteen bytes at most', '')
    })
    const { finding } = await run(two, options({ seeds: [Buffer.alloc(20, 1)] }))
    expect(finding?.input).toEqual(Buffer.alloc(16))
  })

  it('tries the seeds first, and makes more of them', async () => {
    const tried: string[] = []
    const seed = Buffer.from('0123456789abcdef')
    const { inputs, finding } = await run(
      fuzzerThat((input) => void tried.push(input.toString('latin1'))),
      options({ seeds: [seed], maxInputs: 100 }),
    )
    expect(finding).toBeUndefined()
    expect(tried[0]).toBe('0123456789abcdef')
    expect(tried.slice(1).filter((text) => text.startsWith('0123')).length).toBeGreaterThan(10)
    expect(inputs).toBe(tried.length)
  })

  it('ends when its time is over', async () => {
    const result = await run(
      fuzzerThat(() => {}),
      options({ maxInputs: undefined, maxTime: 20 }),
    )
    expect(result.finding).toBeUndefined()
    expect(result.inputs).toBeGreaterThan(0)
  })
})

describe('a run that watches the engine', () => {
  function coverage(): Coverage {
    const made = new Coverage((url) => url.endsWith('run.test.ts'))
    onTestFinished(() => made.close())
    return made
  }

  it('makes more of the inputs that reach something new', { timeout: 60_000 }, async () => {
    const deep = fuzzerThat((input) => {
      if (input[0] !== 0x55) return
      if (input[1] !== 0x07) return
      throw new BrokenProperty('nobody gets here', input.toString('hex'))
    })
    const { finding, pathfinders } = await run(deep, options({ maxInputs: 60_000, coverage: coverage() }))
    expect(finding?.input.toString('hex')).toBe('5507')
    expect(pathfinders).toBeGreaterThanOrEqual(2)
  })

  it('finds what takes more than linear time, by counting', async () => {
    let sum = 0
    const quadratic = fuzzerThat((input) => {
      for (const first of input) {
        for (const second of input.subarray(0, 500)) {
          if (first === second) sum++
        }
      }
    })
    const { finding } = await run(quadratic, options({ maxInputs: 100, coverage: coverage() }))
    expect(sum).toBeGreaterThan(0)
    expect(String(finding?.error)).toMatch(/time is linear: \d+ steps/)
  })
})
