import { concat, defer, distinctUntilChanged, map, type Observable, of, takeWhile, timer } from 'rxjs'

const SECOND = 1000
/** A timer that fires early would count a second twice: each waits for a little more than it has to. */
const MARGIN = 20

/** Counts the seconds until `time`, which is in milliseconds since 1970: how many are left, each second, down to 0. */
export function countdownTo(time: number): Observable<number> {
  const left = (): number => Math.max(0, Math.ceil((time - Date.now()) / SECOND))
  return defer(() => {
    const first = (Math.max(0, time - Date.now()) % SECOND) + MARGIN
    return concat(of(left()), timer(first, SECOND).pipe(map(left)))
  }).pipe(
    distinctUntilChanged(),
    takeWhile((seconds) => seconds > 0, true),
  )
}
