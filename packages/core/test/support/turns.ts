import { setImmediate as nextTurn } from 'node:timers/promises'

/** Lets the event loop turn: time enough for what is under way in memory, and for what must not happen. */
export async function turns(count = 3): Promise<void> {
  for (let turn = 0; turn < count; turn++) await nextTurn()
}
