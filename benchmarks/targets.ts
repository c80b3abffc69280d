import { floor, reference } from './servers.ts'

/** What Upwire is to cost at most, as a multiple of what another server costs. */
export interface Target {
  readonly line: string
  readonly of: string
  readonly atMost: number
}

export const targets: readonly Target[] = [
  { line: 'echo-16B-32', of: reference, atMost: 0.1 },
  { line: 'echo-16B-1', of: floor, atMost: 1.1 },
  { line: 'echo-64KiB-1', of: reference, atMost: 1 },
  { line: 'echo-64KiB-32', of: reference, atMost: 1 },
  { line: 'idle-rss', of: floor, atMost: 1.15 },
]

/** The servers that have to meet the targets. */
export const judged = ['upwire-core', 'upwire-express'] as const
