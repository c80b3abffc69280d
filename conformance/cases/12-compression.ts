import type { Section } from '../vocabulary/case.ts'
import { compressedRoundTrips } from './compressed-round-trips.ts'

/** Nothing asked for: windows of 32 KiB that are kept from message to message. */
const defaults = [{}]

export const compression: Section = {
  number: 12,
  title: 'Compression: different data',
  cases: [
    ...compressedRoundTrips('12.1', { corpus: 'json', type: 'text' }, defaults),
    ...compressedRoundTrips('12.2', { corpus: 'bitmap', type: 'binary' }, defaults),
    ...compressedRoundTrips('12.3', { corpus: 'prose', type: 'binary' }, defaults),
    ...compressedRoundTrips('12.4', { corpus: 'html', type: 'text' }, defaults),
    ...compressedRoundTrips('12.5', { corpus: 'noise', type: 'binary' }, defaults),
  ],
}
