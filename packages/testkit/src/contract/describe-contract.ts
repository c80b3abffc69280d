import { describe, it } from 'vitest'
import type { ContractCase } from './contract-case.ts'
import { handshakes } from './handshakes.ts'
import type { ContractHarness } from './harness.ts'
import { messages } from './messages.ts'
import { playCase } from './play-case.ts'
import { refusals } from './refusals.ts'
import { topics } from './topics.ts'

/** Everything that holds for every framework, by what it is about. */
export const CONTRACT: Readonly<Record<string, readonly ContractCase[]>> = {
  'before the 101,': refusals,
  'with the 101,': handshakes,
  'of messages,': messages,
  'with topics,': topics,
}

/**
 * What every framework has to do, as tests. Cases that need what the harness says the framework lacks are skipped, with
 * its reason in the output; every other lack fails.
 */
export function describeContract(name: string, harness: ContractHarness): void {
  describe(`the contract, on ${name},`, () => {
    for (const [topic, cases] of Object.entries(CONTRACT)) {
      describe(topic, () => {
        for (const each of cases) it(each.title, ({ skip }) => playCase(each, harness, skip))
      })
    }
  })
}
