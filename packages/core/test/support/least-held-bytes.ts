import { heldBytes } from './held-bytes.ts'
import { turns } from './turns.ts'

/** Garbage that goes in steps is gone after a few. */
const COLLECTIONS = 5

/** The bytes that this process still holds once what goes late has gone too, such as the memory of streams. */
export async function leastHeldBytes(): Promise<number> {
  let least = Number.POSITIVE_INFINITY
  for (let collection = 0; collection < COLLECTIONS; collection++) {
    await turns()
    least = Math.min(least, heldBytes())
  }
  return least
}
