import { describe, expect, it } from 'vitest'
import { seedsOf } from '../../fuzz/corpus.ts'
import { fuzzers } from '../../fuzz/fuzzers.ts'
import { run } from '../../fuzz/run.ts'

const SEED = 0x6455_7692
const INPUTS = 400

describe.each(fuzzers.map((fuzzer) => [fuzzer.name, fuzzer] as const))('the fuzzer %s', (_name, fuzzer) => {
  const seeds = seedsOf(fuzzer)

  it.each(seeds.map(({ comment, input }) => [comment, input] as const))(
    'finds nothing in %s',
    async (_, input) => {
      await fuzzer.check(Buffer.from(input))
    },
  )

  it(`finds nothing in ${INPUTS} inputs of seed ${SEED}`, { timeout: 60_000 }, async () => {
    const inputs = seeds.map(({ input }) => input)
    const result = await run(fuzzer, { seed: SEED, seeds: inputs, maxInputs: INPUTS })
    expect(result.finding).toBeUndefined()
    expect(result.inputs).toBeGreaterThanOrEqual(INPUTS)
  })

  it('has seeds of its own or shares them', () => {
    expect(seeds.length).toBeGreaterThan(0)
  })
})
