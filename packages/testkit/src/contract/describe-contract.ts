import { describe, expect, it } from 'vitest'
import type { ContractCase } from './contract-case.ts'
import { crashes } from './crashes.ts'
import { handshakes } from './handshakes.ts'
import type { Capability, ContractHarness } from './harness.ts'
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
 * What every framework has to do, as tests. Cases that need what the harness says the framework lacks are left out; one
 * test for each lack gives the reason, and fails when the framework has come to have it.
 */
export function describeContract(name: string, harness: ContractHarness): void {
  const lacks = Object.entries(harness.lacks ?? {}) as [Capability, string][]
  const isLacked = ({ needs }: ContractCase) => lacks.some(([capability]) => needs.includes(capability))

  describe(`the contract, on ${name},`, () => {
    for (const [topic, cases] of Object.entries(CONTRACT)) {
      describe(topic, () => {
        for (const each of cases) {
          if (!isLacked(each)) it(each.title, () => playCase(each, harness))
        }
      })
    }
    for (const [capability, reason] of lacks) {
      it(`cannot have what needs "${capability}": ${reason}`, async () => {
        await expect(playCase(firstThatNeeds(capability), harness)).rejects.toThrow()
      })
    }
  })
}

function firstThatNeeds(capability: Capability): ContractCase {
  const found = Object.values(CONTRACT)
    .flat()
    .find(({ needs }) => needs.includes(capability))
  if (found) return found
  throw new Error(`No case needs "${capability}"`)
}
