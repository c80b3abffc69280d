import { BrokenProperty } from './fuzzer.ts'

/** How long one input may take, in milliseconds: far longer than any needs on a busy machine. */
const DEADLINE = 20_000

/**
 * Waits for a check that goes on in later turns. Rejects too with what nobody caught meanwhile, which would end a process, and
 * where it does not come to an end.
 */
export async function watched(check: Promise<void>, deadline = DEADLINE): Promise<void> {
  let stop = () => {}
  const failed = new Promise<never>((_, reject) => {
    const late = () => reject(new BrokenProperty('every input comes to an end', `not in ${deadline} ms`))
    const timer = setTimeout(late, deadline)
    process.on('uncaughtException', reject).on('unhandledRejection', reject)
    stop = () => {
      clearTimeout(timer)
      process.off('uncaughtException', reject).off('unhandledRejection', reject)
    }
  })
  try {
    await Promise.race([check, failed])
  } finally {
    stop()
  }
}
