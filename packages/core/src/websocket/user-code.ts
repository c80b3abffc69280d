/** Whether user code returned a promise, of whatever library. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
  )
}

/** Runs user code; what it throws, or what its promise rejects with, goes to `onError` once. */
export function settle(userCode: () => unknown, onError: (error: unknown) => void): void {
  try {
    const result = userCode()
    if (isThenable(result)) result.then(undefined, onError)
  } catch (error) {
    onError(error)
  }
}

/** `callback` as user code whose errors go to `onError`, and to nobody who calls it. */
export function contain<Args extends unknown[]>(
  callback: (...args: Args) => unknown,
  onError: (error: unknown) => void,
): (...args: Args) => void {
  return (...args) => settle(() => callback(...args), onError)
}

const known = new WeakMap<object, Set<unknown>>()

/**
 * Notes an error of a connection, and returns whether it was new. User code brings the same one back where a promise goes two
 * ways, and where it was told of it: what a peer has done is no error of user code.
 */
export function noteError(connection: object, error: unknown): boolean {
  const errors = known.get(connection) ?? new Set()
  known.set(connection, errors)
  return errors.size < errors.add(error).size
}

/** Makes an error an 'uncaughtException', and keeps it from the code that runs now. */
export function throwUncaught(error: unknown): void {
  process.nextTick(() => {
    throw error
  })
}
