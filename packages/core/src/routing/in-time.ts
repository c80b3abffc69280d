import { handshakeError } from '../handshake/handshake-error.ts'

/** The longest time a timer takes, in milliseconds; with a longer one it would fire at once. */
export const MAX_DELAY = 2 ** 31 - 1

/**
 * What `decision` gives, or a rejection with UPWIRE_HANDSHAKE_TIMEOUT when it takes longer than `milliseconds`, 0 for
 * as long as it takes. What it gives after that is dropped.
 */
export async function inTime<Value>(decision: PromiseLike<Value>, milliseconds: number): Promise<Value> {
  if (milliseconds === 0) return decision
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(timeoutError(milliseconds)), Math.min(milliseconds, MAX_DELAY))
  })
  try {
    return await Promise.race([decision, late])
  } finally {
    clearTimeout(timer)
  }
}

function timeoutError(milliseconds: number): Error {
  const cause = new Error(`The decision before the 101 took longer than handshakeTimeout, ${milliseconds} ms`)
  return Object.assign(handshakeError('UPWIRE_HANDSHAKE_TIMEOUT'), { cause })
}
