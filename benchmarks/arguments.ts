import { parseArgs } from 'node:util'
import type { Case } from './cases/case.ts'
import { floor, type Server } from './servers.ts'

export const usage = `npm run bench -- [--quick] [--only=<name>,...] [--write]
  --quick   one to two minutes, for a first look
  --only    these cases and servers; a name that nobody has chooses those that begin with it
  --write   also put the report under benchmarks/results/`

export interface Arguments {
  readonly quick: boolean
  readonly write: boolean
  readonly help: boolean
  readonly only: readonly string[]
}

/** Throws a TypeError for an option that does not exist. */
export function parseArguments(args: string[]): Arguments {
  const { values } = parseArgs({
    args,
    options: {
      quick: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
      only: { type: 'string', default: '' },
    },
  })
  return { ...values, only: values.only.split(',').filter((name) => name !== '') }
}

export interface Selection {
  readonly cases: readonly Case[]
  readonly servers: readonly Server[]
}

/** What `--only` leaves of everything. The floor always stays: a cost says nothing without its ratio. */
export function select(only: readonly string[], { cases, servers }: Selection): Selection {
  const chosen = only.map((name) => {
    const found = { cases: named(name, cases), servers: named(name, servers) }
    if (found.cases.length + found.servers.length > 0) return found
    const known = [...cases, ...servers].map((each) => each.name).join(', ')
    throw new TypeError(
      `--only=${name}: nothing is called that. Write one of ${known}, or what some begin with.`,
    )
  })
  const chosenCases = chosen.flatMap((found) => found.cases)
  const chosenServers = chosen.flatMap((found) => found.servers)
  return {
    cases: chosenCases.length > 0 ? cases.filter((each) => chosenCases.includes(each)) : cases,
    servers:
      chosenServers.length > 0
        ? servers.filter((each) => each.name === floor || chosenServers.includes(each))
        : servers,
  }
}

function named<T extends { readonly name: string }>(name: string, items: readonly T[]): readonly T[] {
  const exact = items.filter((item) => item.name === name)
  return exact.length > 0 ? exact : items.filter((item) => item.name.startsWith(name))
}
