import { randomInt } from 'node:crypto'
import { parseArguments, select, usage } from './arguments.ts'
import { saveFinding, seedsOf } from './corpus.ts'
import { Coverage } from './coverage.ts'
import { type Fuzzer, kindOf } from './fuzzer.ts'
import { run } from './run.ts'

const SOURCES = new URL('../src/', import.meta.url).href

// Before the engine is loaded, which the fuzzers do.
const coverage = new Coverage((url) => url.startsWith(SOURCES))

await main()

async function main(): Promise<void> {
  try {
    const { seconds, only, seed, help } = parseArguments(process.argv.slice(2), () => randomInt(1, 2 ** 31))
    if (help) return console.log(usage)
    const { fuzzers } = await import('./fuzzers.ts')
    for (const fuzzer of select(fuzzers, only)) await play(fuzzer, seconds, seed)
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    console.error(`${error.message}\n\n${usage}`)
    process.exitCode = 2
  } finally {
    coverage.close()
  }
}

/** Says how many inputs were tried, and what was found. */
async function play(fuzzer: Fuzzer, seconds: number, seed: number): Promise<void> {
  const { name, about } = fuzzer
  console.log(`${name}: ${about}`)
  const seeds = seedsOf(fuzzer).map(({ input }) => input)
  const { inputs, pathfinders, finding } = await run(fuzzer, {
    seed,
    seeds,
    maxTime: seconds * 1000,
    coverage,
  })
  const tried = `${inputs.toLocaleString('en')} inputs of seed ${seed}, ${pathfinders} reached something new`
  if (finding === undefined) return console.log(`  ${tried}; nothing found`)

  const { error, input } = finding
  const path = saveFinding(name, seed, { comment: `${kindOf(error)}: ${name}`, input })
  process.exitCode = 1
  console.error(`  ${tried}\n`, error)
  console.error(`  ${input.length} bytes show it: ${input.toString('hex')}\n  written to ${path}`)
  console.error(`  npm run fuzz -- --only=${name} --seed=${seed} --seconds ${seconds} finds it again`)
}
