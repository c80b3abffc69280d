import { parseArgs } from 'node:util'
import { type Target, targets } from './targets/targets.ts'
import type { Case, Section } from './vocabulary/case.ts'

export const usage = `npm run conformance -- [--target=<name>,...] [--only=<id>,...] [--update]
  --target  some of ${targets.map(({ name }) => name).join(', ')}
  --only    these cases, groups and sections: 6.4.1, 6.4 or 6
  --update  take the results for the expected ones`

export interface Arguments {
  readonly targets: readonly Target[]
  /** Ids, and beginnings of ids. */
  readonly only: readonly string[]
  readonly update: boolean
  readonly help: boolean
}

/** Throws a TypeError for an option or a target that does not exist. */
export function parseArguments(args: string[]): Arguments {
  const { values } = parseArgs({
    args,
    options: {
      target: { type: 'string', default: '' },
      only: { type: 'string', default: '' },
      update: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  const names = list(values.target)
  const unknown = names.find((name) => !targets.some((target) => target.name === name))
  if (unknown) throw new TypeError(`--target=${unknown}: there is none of that name`)
  return {
    targets: names.length > 0 ? targets.filter(({ name }) => names.includes(name)) : targets,
    only: list(values.only),
    update: values.update,
    help: values.help,
  }
}

/** The sections with the chosen cases in them. Throws a TypeError for a name that chooses nothing. */
export function select(sections: readonly Section[], only: readonly string[]): Section[] {
  const isChosen = ({ id }: Case) => only.length === 0 || only.some((name) => isPartOf(id, name))
  for (const name of only) {
    const isKnown = sections.some(({ cases }) => cases.some(({ id }) => isPartOf(id, name)))
    if (!isKnown) throw new TypeError(`--only=${name}: no case has an id that begins so`)
  }
  return sections
    .map((section) => ({ ...section, cases: section.cases.filter(isChosen) }))
    .filter(({ cases }) => cases.length > 0)
}

function isPartOf(id: string, name: string): boolean {
  return `${id}.`.startsWith(`${name}.`)
}

function list(value: string): string[] {
  return value.split(',').filter((name) => name !== '')
}
