import { describe, it } from 'vitest'
import type { ContractCase } from './contract-case.ts'
import { crashes } from './crashes.ts'
import { handshakes } from './handshakes.ts'
import type { ContractHarness } from './harness.ts'
import { limits } from './limits.ts'
import { messages } from './messages.ts'
import { neighbours } from './neighbours.ts'
import { playCase } from './play-case.ts'
import { refusals } from './refusals.ts'
import { registration } from './registration.ts'
import { shutdown } from './shutdown.ts'
import { topics } from './topics.ts'

/** Everything that holds for every framework, by what it is about. */
export const CONTRACT: Readonly<Record<string, readonly ContractCase[]>> = {
  'before the 101,': refusals,
  'with the 101,': handshakes,
  'of messages,': messages,
  'whatever happens,': crashes,
  'beside others,': neighbours,
  'when it closes,': shutdown,
  'within limits,': limits,
  'with topics,': topics,
  'where it is written,': registration,
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
