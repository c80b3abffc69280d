export type {
  Answer,
  ContractApplication,
  ContractFunction,
  ContractHandler,
  ContractHooks,
  ContractOptions,
  ContractPage,
  ContractRequest,
  ContractRoute,
  RunningApplication,
  SetHeader,
  Step,
} from './application.ts'
export { describeContract } from './describe-contract.ts'
export type { Capability, ContractHarness } from './harness.ts'
