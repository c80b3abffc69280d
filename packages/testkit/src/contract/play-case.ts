import type { ContractCase } from './contract-case.ts'
import { ContractRun } from './contract-run.ts'
import type { ContractHarness } from './harness.ts'

/**
 * Runs one case, and ends what it started, also where it fails. A case that needs what the harness says the framework
 * lacks is handed to `skip`, which does not return.
 */
export async function playCase(
  { needs, run }: ContractCase,
  harness: ContractHarness,
  skip: (reason: string) => never,
): Promise<void> {
  const lacked = needs.find((capability) => harness.lacks?.[capability])
  if (lacked) skip(`lacks ${lacked}: ${harness.lacks?.[lacked]}`)
  const contract = new ContractRun(harness)
  try {
    await run(contract)
  } catch (failure) {
    await contract.abandon()
    throw failure
  }
  await contract.end()
}
