import type { Choices } from '../test/support/random-source.ts'

/** One subject, the inputs that are made for it, and what has to hold for every input, valid or not. */
export interface Fuzzer {
  readonly name: string
  /** The folder of its seeds, which those whose inputs have the same form share. */
  readonly seeds: string
  /** What it says when it is listed. */
  readonly about: string
  /** An input by the grammar of the subject, mostly valid. */
  generate(choices: Choices): Buffer
  /** Throws a `BrokenProperty`; anything else that is thrown is a finding too. The same for the same bytes. */
  check(input: Buffer): void | Promise<void>
}

/** A property that an input showed not to hold. */
export class BrokenProperty extends Error {
  readonly property: string

  constructor(property: string, detail: string) {
    super(`${property}: ${detail}`)
    this.property = property
  }
}

/** `property` ends a sentence that begins with "It holds that". */
export function expectThat(holds: boolean, property: string, detail: () => string): void {
  if (!holds) throw new BrokenProperty(property, detail())
}

export function expectSame(first: string, second: string, property: string): void {
  if (first !== second) throw new BrokenProperty(property, `\n${first}\n--- and ---\n${second}`)
}

/** What tells one finding from another: the property, or the kind of error. */
export function kindOf(error: unknown): string {
  if (error instanceof BrokenProperty) return error.property
  return error instanceof Error ? error.name : typeof error
}
