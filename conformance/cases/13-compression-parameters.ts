import type { Section } from '../vocabulary/case.ts'
import type { Compression } from '../vocabulary/compression.ts'
import { compressedRoundTrips } from './compressed-round-trips.ts'

/** What the endpoint under test is asked for in each group, best first. */
const GROUPS: readonly (readonly Compression[])[] = [
  [{}],
  [{ endpoint: { noContextTakeover: true } }],
  [{ endpoint: { windowBits: 9 } }],
  [{ endpoint: { windowBits: 15 } }],
  [{ endpoint: { noContextTakeover: true, windowBits: 9 } }],
  [{ endpoint: { noContextTakeover: true, windowBits: 15 } }],
  [{ endpoint: { noContextTakeover: true, windowBits: 9 } }, { endpoint: { noContextTakeover: true } }, {}],
]

export const compressionParameters: Section = {
  number: 13,
  title: 'Compression: different parameters',
  cases: GROUPS.flatMap((wanted, index) =>
    compressedRoundTrips(`13.${index + 1}`, { corpus: 'json', type: 'text' }, wanted),
  ),
}
