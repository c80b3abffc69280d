import type { ContractRun } from './contract-run.ts'
import type { Capability } from './harness.ts'

/** Something that holds for every framework. */
export interface ContractCase {
  /** Ends a sentence that begins with the framework. */
  readonly title: string
  readonly needs: readonly Capability[]
  /** Rejects where it does not hold. */
  readonly run: (run: ContractRun) => Promise<void>
}

export function contractCase(
  title: string,
  run: ContractCase['run'],
  { needs = [] }: Partial<Pick<ContractCase, 'needs'>> = {},
): ContractCase {
  return { title, needs, run }
}
