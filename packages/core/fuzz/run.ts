import { Choices } from '../test/support/random-source.ts'
import type { Coverage } from './coverage.ts'
import { expectThat, type Fuzzer, kindOf } from './fuzzer.ts'
import { minimise } from './minimise.ts'
import { mutate, splice, stretch } from './mutations.ts'
import { watched } from './watched.ts'

export interface RunOptions {
  readonly seed: number
  /** Inputs that are tried first, and changed later. */
  readonly seeds: readonly Buffer[]
  /** The run ends when so many inputs were tried. Default: no limit. */
  readonly maxInputs?: number
  /** The run ends after so many milliseconds. Default: no limit. */
  readonly maxTime?: number
  /** Finds the inputs that lead somewhere; without it the seeds alone are changed. */
  readonly coverage?: Coverage
}

export interface Finding {
  readonly error: unknown
  /** The shortest input that shows it. */
  readonly input: Buffer
}

export interface Result {
  /** How many inputs were tried. */
  readonly inputs: number
  /** How many of them reached a part of the engine that none before had reached. */
  readonly pathfinders: number
  readonly finding?: Finding
}

/** How many inputs share one look, which takes as long as hundreds of them: more the longer nothing new was reached. */
const FIRST_BATCH_INPUTS = 16
const LARGEST_BATCH_INPUTS = 2048
/** New from the grammar; the others are made from those that are known. */
const GENERATED = 0.5
const SPLICED = 0.1
const LONG_BYTES = 64 * 1024
/** The blocks of the engine that a long input may enter for each of its bytes. */
const MAX_STEPS_PER_BYTE = 100
const LINEAR_TIME = 'time is linear'

/** Tries the seeds, then makes inputs until one shows something or the run is over. */
export async function run(fuzzer: Fuzzer, options: RunOptions): Promise<Result> {
  const { seeds, maxInputs = Number.POSITIVE_INFINITY, maxTime = Number.POSITIVE_INFINITY } = options
  const deadline = performance.now() + maxTime
  const search = new Search(fuzzer, options)
  options.coverage?.forget()
  try {
    await search.tryAll(seeds)
    for (let size = FIRST_BATCH_INPUTS; search.inputs < maxInputs && performance.now() < deadline; ) {
      const isNew = await search.tryBatch(Math.min(size, maxInputs - search.inputs))
      size = isNew ? FIRST_BATCH_INPUTS : Math.min(2 * size, LARGEST_BATCH_INPUTS)
    }
  } catch (error) {
    return { ...search.counts, finding: await search.shorten(error) }
  }
  return search.counts
}

class Search {
  readonly #fuzzer: Fuzzer
  readonly #coverage: Coverage | undefined
  readonly #choices: Choices
  /** What new inputs are made from: the seeds, and what led somewhere. */
  readonly #known: Buffer[]
  #pathfinders = 0
  /** The one in hand. */
  #input: Buffer = Buffer.alloc(0)
  inputs = 0

  constructor(fuzzer: Fuzzer, { seed, seeds, coverage }: RunOptions) {
    this.#fuzzer = fuzzer
    this.#coverage = coverage
    this.#choices = new Choices(seed)
    this.#known = [...seeds]
  }

  get counts(): { inputs: number; pathfinders: number } {
    return { inputs: this.inputs, pathfinders: this.#pathfinders }
  }

  /** Tries all, and finds by halves those that reached something new; says whether there were any. */
  async tryAll(inputs: readonly Buffer[]): Promise<boolean> {
    for (const input of inputs) await this.#try(input)
    if (inputs.length === 1) return this.#learn(inputs[0])
    if (inputs.length === 0 || !this.#coverage?.glance()) return false
    this.inputs -= inputs.length
    const half = Math.ceil(inputs.length / 2)
    const parts = [inputs.slice(0, half), inputs.slice(half)]
    for (const part of parts) await this.tryAll(part)
    return true
  }

  /** Makes inputs, and then a long one; says whether they reached something new. */
  async tryBatch(size: number): Promise<boolean> {
    const isNew = await this.tryAll(Array.from({ length: size }, () => this.#make()))
    await this.#tryCounted(stretch(this.#make(), LONG_BYTES, this.#choices))
    return isNew
  }

  /** The shortest input that shows the same as the one in hand; one that takes long is left as it is. */
  async shorten(error: unknown): Promise<Finding> {
    const kind = kindOf(error)
    if (kind === LINEAR_TIME) return { error, input: this.#input }
    const shows = async (input: Buffer) => kindOf(await this.#errorOf(input)) === kind
    const input = await minimise(this.#input, shows)
    return { error: (await this.#errorOf(input)) ?? error, input }
  }

  #make(): Buffer {
    const choices = this.#choices
    if (this.#known.length === 0 || choices.chance(GENERATED)) return this.#fuzzer.generate(choices)
    const known = choices.oneOf(this.#known)
    return mutate(
      choices.chance(SPLICED) ? splice(known, choices.oneOf(this.#known), choices) : known,
      choices,
    )
  }

  #learn(input: Buffer): boolean {
    if (!this.#coverage?.look().isNew) return false
    this.#pathfinders++
    this.#known.push(input)
    return true
  }

  async #try(input: Buffer): Promise<void> {
    this.inputs++
    this.#input = input
    const checked = this.#fuzzer.check(Buffer.from(input))
    if (checked !== undefined) await watched(checked)
  }

  /** Linear time, by counting: what enters a block for each pair of bytes goes far beyond the limit. */
  async #tryCounted(input: Buffer): Promise<void> {
    this.#coverage?.look()
    await this.#try(input)
    const { steps = 0 } = this.#coverage?.look() ?? {}
    const most = MAX_STEPS_PER_BYTE * Math.max(input.length, LONG_BYTES)
    expectThat(steps <= most, LINEAR_TIME, () => `${steps} steps for ${input.length} bytes`)
  }

  async #errorOf(input: Buffer): Promise<unknown> {
    try {
      await this.#tryCounted(input)
    } catch (error) {
      return error
    }
    return undefined
  }
}
