import { parseArgs } from 'node:util'

export const usage = `npm run fuzz -- [--seconds <number>] [--only=<name>,...] [--seed=<number>]
  --seconds  for each fuzzer; 10 where it is left out
  --only     some of them
  --seed     repeats a run; a new one where it is left out`

export interface Arguments {
  readonly seconds: number
  /** Names; empty for all. */
  readonly only: readonly string[]
  readonly seed: number
  readonly help: boolean
}

/** Throws a TypeError for an option that does not exist or has a value it cannot have. */
export function parseArguments(args: string[], newSeed: () => number): Arguments {
  const { values } = parseArgs({
    args,
    options: {
      seconds: { type: 'string', default: '10' },
      only: { type: 'string', default: '' },
      seed: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  return {
    seconds: positive('seconds', values.seconds),
    only: values.only.split(',').filter((name) => name !== ''),
    seed: values.seed === undefined ? newSeed() : positive('seed', values.seed),
    help: values.help,
  }
}

/** Those that are named, or all. Throws a TypeError for a name that none of them has. */
export function select<Named extends { readonly name: string }>(
  all: readonly Named[],
  only: readonly string[],
): readonly Named[] {
  const unknown = only.find((name) => !all.some((one) => one.name === name))
  if (unknown !== undefined) {
    const names = all.map(({ name }) => name).join(', ')
    throw new TypeError(`--only=${unknown}: there is none of that name; there are ${names}`)
  }
  return only.length === 0 ? all : all.filter(({ name }) => only.includes(name))
}

function positive(name: string, value: string): number {
  const number = Number(value)
  if (value.trim() !== '' && number > 0) return number
  throw new TypeError(`--${name}=${value}: write a number above 0`)
}
