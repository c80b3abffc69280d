import type { Case, Section } from '../vocabulary/case.ts'
import { answers, echoes } from '../vocabulary/outcome.ts'
import { roundTrips } from '../vocabulary/step.ts'

/** RFC 7692 §7.1.2 */
const WINDOW_BITS = [8, 9, 10, 11, 12, 13, 14, 15]

const TAKEOVERS = [
  { endpoint: false, driver: false, sentence: 'both keep their windows' },
  { endpoint: true, driver: false, sentence: 'the endpoint begins each message anew' },
  { endpoint: false, driver: true, sentence: 'the driver begins each message anew' },
  { endpoint: true, driver: true, sentence: 'both begin each message anew' },
] as const

/** Each message is longer than half of the largest window, and two fill it. */
const MESSAGE_BYTES = 20_000
const MESSAGES = 5

function combination(endpointBits: number, driverBits: number): Case[] {
  return TAKEOVERS.map(({ endpoint, driver, sentence }, index) => ({
    id: `22.${endpointBits}.${driverBits}.${index + 1}`,
    sentence: `keeps to a window of ${1 << endpointBits} bytes and reads one of ${1 << driverBits}; ${sentence}`,
    compression: [
      {
        endpoint: { windowBits: endpointBits, noContextTakeover: endpoint },
        driver: { windowBits: driverBits, noContextTakeover: driver },
      },
    ],
    steps: [roundTrips({ corpus: 'letters', type: 'text', messageBytes: MESSAGE_BYTES, count: MESSAGES })],
    ...answers(echoes(MESSAGES)),
  }))
}

export const windows: Section = {
  number: 22,
  title: 'Compression: every window and takeover',
  cases: WINDOW_BITS.flatMap((endpointBits) =>
    WINDOW_BITS.flatMap((driverBits) => combination(endpointBits, driverBits)),
  ),
}
