import type { ContractCase } from './contract-case.ts'
import { ContractRun } from './contract-run.ts'
import type { ContractHarness } from './harness.ts'

/** Runs one case, and ends what it started, also where it fails. */
export async function playCase({ run }: ContractCase, harness: ContractHarness): Promise<void> {
  const contract = new ContractRun(harness)
  try {
    await run(contract)
  } catch (failure) {
    await contract.abandon()
    throw failure
  }
  await contract.end()
}
