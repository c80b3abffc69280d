import type { Case } from '../vocabulary/case.ts'
import type { Compression } from '../vocabulary/compression.ts'
import type { CorpusName } from '../vocabulary/corpus.ts'
import type { MessageType } from '../vocabulary/frame.ts'
import { answers, echoes } from '../vocabulary/outcome.ts'
import { roundTrips } from '../vocabulary/step.ts'

const LOADS: readonly [messageBytes: number, fragmentBytes?: number][] = [
  [16],
  [64],
  [256],
  [1024],
  [4096],
  [8192],
  [16_384],
  [32_768],
  [65_536],
  [131_072],
  [8192, 256],
  [16_384, 256],
  [32_768, 256],
  [65_536, 256],
  [131_072, 256],
  [131_072, 1024],
  [131_072, 4096],
  [131_072, 32_768],
]

const MOST_MESSAGES = 1000
const FEWEST_MESSAGES = 32
/** A case goes over the largest window sixty-four times; more would show nothing more, and take minutes. */
const CASE_BYTES = 2 * 1024 * 1024

/** The eighteen cases of a group: messages of growing size, in one frame and in fragments. */
export function compressedRoundTrips(
  group: string,
  content: { readonly corpus: CorpusName; readonly type: MessageType },
  compression: readonly Compression[],
): Case[] {
  return LOADS.map(([messageBytes, fragmentBytes], index) => {
    const count = countOf(messageBytes)
    const inFragments = fragmentBytes ? `, in fragments of ${fragmentBytes}` : ''
    return {
      id: `${group}.${index + 1}`,
      sentence: `echoes ${count} compressed messages of ${messageBytes} bytes of ${content.corpus}${inFragments}`,
      compression,
      steps: [roundTrips({ ...content, messageBytes, count, fragmentBytes })],
      ...answers(echoes(count)),
    }
  })
}

function countOf(messageBytes: number): number {
  return Math.max(FEWEST_MESSAGES, Math.min(MOST_MESSAGES, Math.floor(CASE_BYTES / messageBytes)))
}
