import type { Compression } from './compression.ts'
import type { Expected } from './outcome.ts'
import type { Role } from './role.ts'
import type { Step } from './step.ts'

/** What the driver's part of the opening handshake has that a usual one has not (RFC 6455 §4). */
export interface OpeningChanges {
  /** The request line or the status line. */
  readonly startLine?: string
  /** Header fields in place of the usual ones, or beside them; null leaves one out. */
  readonly headers?: Readonly<Record<string, string | null>>
  /** Sent in pieces of so many octets; `'with first frame'`: in one packet with what is sent first. */
  readonly chop?: number | 'with first frame'
}

/** One behaviour of an endpoint, and the conversation that shows it. */
export interface Case extends Expected {
  readonly id: string
  /** Begins with what the endpoint under test does. */
  readonly sentence: string
  /** Which endpoints have it. Default: both. */
  readonly roles?: readonly Role[]
  readonly opening?: OpeningChanges
  /** What the driver asks for, best first. Default: no compression. */
  readonly compression?: readonly Compression[]
  /** Whether the driver has to be allowed to keep its window from message to message. */
  readonly needsTakeover?: boolean
  /** The driver closes with 1000 at the end, unless it has sent a Close frame before. */
  readonly steps: readonly Step[]
}

export interface Section {
  readonly number: number
  readonly title: string
  readonly cases: readonly Case[]
}
