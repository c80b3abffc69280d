import { deferred } from './deferred.ts'

/** A wait in the application's own code: a case knows when it has begun, and says when it ends. */
export interface Gate {
  /** May be a step: it answers nothing. */
  readonly wait: () => Promise<undefined>
  readonly reached: Promise<void>
  readonly open: () => void
}

export function gate(): Gate {
  const { promise: reached, resolve: reach } = deferred()
  const { promise: opened, resolve } = deferred<undefined>()
  const wait = (): Promise<undefined> => {
    reach()
    return opened
  }
  return { wait, reached, open: () => resolve(undefined) }
}
