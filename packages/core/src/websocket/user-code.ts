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

const reported = new WeakMap<object, unknown>()

/** Whether this error of a connection is the one reported last: promises may bring the same one along two ways. */
export function isReported(connection: object, error: unknown): boolean {
  if (reported.has(connection) && reported.get(connection) === error) return true
  reported.set(connection, error)
  return false
}

/** Makes an error an 'uncaughtException', and keeps it from the code that runs now. */
export function throwUncaught(error: unknown): void {
  process.nextTick(() => {
    throw error
  })
}
