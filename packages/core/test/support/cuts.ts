import { expect } from 'vitest'

/** Up to this length an input is cut at every position. */
const EVERY_CUT_BYTES = 600
/** At each end of a longer one, where headers are. */
const EDGE_BYTES = 20
/** Sizes that put a header into one chunk, two, and many. */
const CHUNK_BYTES = [1, 2, 3, 5]

/**
 * Runs a case with its bytes whole, in chunks of one, two, three and five bytes, and in two at each position, and
 * expects the same outcome of all. Each run gets chunks of its own, because a parser may write to them.
 */
export function atEveryCut<Outcome>(bytes: Buffer, run: (chunks: Buffer[]) => Outcome): Outcome {
  const expected = run([Buffer.from(bytes)])
  for (const size of CHUNK_BYTES) expect(run(chunksOf(bytes, size)), `chunks of ${size}`).toEqual(expected)
  for (const at of cutPositions(bytes.length)) {
    const chunks = [Buffer.from(bytes.subarray(0, at)), Buffer.from(bytes.subarray(at))]
    expect(run(chunks), `cut after ${at} bytes`).toEqual(expected)
  }
  return expected
}

function chunksOf(bytes: Buffer, size: number): Buffer[] {
  const copy = Buffer.from(bytes)
  const count = Math.ceil(copy.length / size)
  return Array.from({ length: count }, (_, index) => copy.subarray(index * size, (index + 1) * size))
}

function cutPositions(length: number): number[] {
  const positions = Array.from({ length: Math.max(0, length - 1) }, (_, index) => index + 1)
  if (length <= EVERY_CUT_BYTES) return positions
  return positions.filter((at) => at <= EDGE_BYTES || at >= length - EDGE_BYTES)
}
