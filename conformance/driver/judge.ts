import type { Case } from '../vocabulary/case.ts'
import { type Event, isSame, type Outcome } from '../vocabulary/outcome.ts'
import { bytesOf } from '../vocabulary/payload.ts'

/** What a conversation came to. */
export interface Observation {
  readonly events: readonly Event[]
  readonly closeCode: number
}

export type Verdict =
  | { readonly kind: 'strict' }
  | { readonly kind: 'non-strict'; readonly meaning: string }
  | { readonly kind: 'failed'; readonly difference: string }
  | { readonly kind: 'unimplemented'; readonly needs: string }

export function judge({ strict, nonStrict = [] }: Case, observation: Observation): Verdict {
  if (strict.some((outcome) => fits(outcome, observation))) return { kind: 'strict' }
  const alternative = nonStrict.find((outcome) => fits(outcome, observation))
  if (alternative) return { kind: 'non-strict', meaning: alternative.meaning }
  const wanted = strict.map(({ events, closeCodes }) => describe(events, closeCodes.join(' or ')))
  const got = describe(observation.events, String(observation.closeCode))
  return { kind: 'failed', difference: `expected ${wanted.join(', or ')}; got ${got}` }
}

function fits({ events, closeCodes }: Outcome, { events: observed, closeCode }: Observation): boolean {
  if (!closeCodes.includes(closeCode) || events.length !== observed.length) return false
  return events.every((event, index) => isSame(event, observed[index]!))
}

function describe(events: readonly Event[], closeCode: string): string {
  return [...events.map(describeEvent), `close ${closeCode}`].join(', ')
}

function describeEvent(event: Event): string {
  switch (event.kind) {
    case 'message':
      return `${event.type} ${excerpt(bytesOf(event.payload))}`
    case 'pong':
      return `pong ${excerpt(bytesOf(event.payload))}`
    case 'echoes':
      return `${event.count} echoes`
    case 'silence':
      return 'silence'
    case 'refusal':
      return `status ${event.statuses.join(' or ')}`
    case 'violation':
      return `a violation: ${event.rule}`
  }
}

function excerpt(bytes: Buffer): string {
  if (bytes.length > 16) return `of ${bytes.length} bytes beginning with ${bytes.toString('hex', 0, 16)}`
  return `of ${bytes.length} bytes ${bytes.toString('hex')}`.trimEnd()
}
