import { MASKING_KEY } from '@upwire/testkit'
import { MemoryBudget } from '../src/protocol/memory-budget.ts'
import type { MessageLimits } from '../src/protocol/message-assembler.ts'
import type { Role } from '../src/protocol/role.ts'
import { Choices } from '../test/support/random-source.ts'
import { stream } from './frame-streams.ts'
import { cutAnywhere, mutate } from './mutations.ts'

/** The bits of an input's first byte: what the endpoint is that is given the rest. */
const CLIENT = 1
const COMPRESSED = 2
const CONTEXT_TAKEOVER = 4
const TIGHT = 8
const SETUPS = 16
const SETUP_BYTES = 2

const ROOMY_LIMITS = { maxPayload: 100_000, maxFragments: 10_000 }
const TIGHT_LIMITS = { maxPayload: 200, maxFragments: 4 }
const BUDGET_BYTES = 16 * 1024 * 1024

/** A stream that reaches an endpoint, and what kind of endpoint. */
export interface FrameInput {
  readonly role: Role
  readonly compressed: boolean
  readonly contextTakeover: boolean
  readonly limits: Omit<MessageLimits, 'budget'>
  readonly bytes: Buffer
  /** The bytes in chunks, cut where the second byte of the input says. */
  readonly chunks: () => Buffer[]
}

/** The first byte says the endpoint, the second where the stream is cut, the rest is the stream. */
export function readFrameInput(input: Buffer): FrameInput {
  const [setup = 0, cuts = 0] = input
  const bytes = input.subarray(SETUP_BYTES)
  return {
    role: setup & CLIENT ? 'client' : 'server',
    compressed: (setup & COMPRESSED) !== 0,
    contextTakeover: (setup & CONTEXT_TAKEOVER) !== 0,
    limits: setup & TIGHT ? TIGHT_LIMITS : ROOMY_LIMITS,
    bytes,
    chunks: () => cutAnywhere(bytes, new Choices(cuts)),
  }
}

/** How likely a frame breaks a rule, and how likely a stream is changed without regard to frames. */
const FAULTS = 0.05
const MUTATED = 0.6

/** A stream that is mostly valid, or was before a few mutations. */
export function generateFrameInput(choices: Choices): Buffer {
  const setup = choices.below(SETUPS)
  const mask = setup & CLIENT ? (false as const) : MASKING_KEY
  const bytes = stream(choices, { mask, compressed: (setup & COMPRESSED) !== 0, faults: FAULTS })
  const reaching = choices.chance(MUTATED) ? mutate(bytes, choices) : bytes
  return Buffer.concat([Buffer.of(setup, choices.below(256)), reaching])
}

/** A budget that remembers the most that was taken of it. */
export class WatchedBudget extends MemoryBudget {
  mostUsedBytes = 0
  takes = 0

  constructor() {
    super(BUDGET_BYTES)
  }

  override take(bytes: number): boolean {
    const isTaken = super.take(bytes)
    this.takes++
    this.mostUsedBytes = Math.max(this.mostUsedBytes, this.usedBytes)
    return isTaken
  }
}
