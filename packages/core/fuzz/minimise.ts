/** How often, and for how many milliseconds, inputs may be tried before the shortest one so far has to do. */
const MOST_TRIES = 5000
const MOST_TIME = 30_000

/**
 * Takes parts out of an input, halves first and single bytes last, as long as `fails` still says true, then sets what is
 * left to zero where it can be.
 */
export async function minimise(input: Buffer, fails: (input: Buffer) => Promise<boolean>): Promise<Buffer> {
  let shortest = input
  let tries = 0
  const deadline = performance.now() + MOST_TIME
  const adopt = async (candidate: Buffer): Promise<boolean> => {
    if (tries++ >= MOST_TRIES || performance.now() > deadline || !(await fails(candidate))) return false
    shortest = candidate
    return true
  }
  for (let size = Math.ceil(input.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < shortest.length; ) {
      const without = Buffer.concat([shortest.subarray(0, at), shortest.subarray(at + size)])
      if (!(await adopt(without))) at += size
    }
  }
  for (let at = 0; at < shortest.length; at++) {
    if (shortest[at] !== 0) await adopt(Buffer.from(shortest).fill(0, at, at + 1))
  }
  return shortest
}
