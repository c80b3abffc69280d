import { type Profiler, Session } from 'node:inspector'

/** What of the engine ran since the last look. */
export interface Look {
  /** Whether a part of it ran that had not run before. */
  readonly isNew: boolean
  /** How often blocks of it were entered: work, counted and not timed. */
  readonly steps: number
}

type Ranges = readonly Profiler.CoverageRange[]

/**
 * Watches which blocks of the engine run, and how often, through V8's own coverage. It has to be made before the engine is
 * loaded: code that is compiled already has no counters.
 */
export class Coverage {
  readonly #session = new Session()
  readonly #isWatched: (url: string) => boolean
  /** By file, 1 for each character that has run. */
  readonly #covered = new Map<string, Uint8Array>()

  constructor(isWatched: (url: string) => boolean) {
    this.#isWatched = isWatched
    this.#session.connect()
    this.#session.post('Profiler.enable')
    this.#session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true })
  }

  /** Whether what ran since the last look is new; it will be new the next time too. */
  glance(): boolean {
    return this.#take().some(([url, ranges]) => this.#withNew(url, ranges) !== undefined)
  }

  look(): Look {
    let isNew = false
    let steps = 0
    for (const [url, ranges] of this.#take()) {
      for (const { count } of ranges) steps += count
      const covered = this.#withNew(url, ranges)
      if (covered === undefined) continue
      this.#covered.set(url, covered)
      isNew = true
    }
    return { isNew, steps }
  }

  /** From now on everything is new. */
  forget(): void {
    this.look()
    this.#covered.clear()
  }

  close(): void {
    this.#session.disconnect()
  }

  #take(): [url: string, ranges: Ranges][] {
    let scripts: Profiler.ScriptCoverage[] = []
    this.#session.post('Profiler.takePreciseCoverage', (_error, { result }) => {
      scripts = result
    })
    return scripts
      .filter(({ url }) => this.#isWatched(url))
      .map(({ url, functions }) => [url, functions.flatMap(({ ranges }) => ranges)])
  }

  /** What is covered of a file with these ranges; `undefined` where they add nothing. */
  #withNew(url: string, ranges: Ranges): Uint8Array | undefined {
    const length = Math.max(0, ...ranges.map(({ endOffset }) => endOffset))
    const ran = new Uint8Array(length)
    // Ranges come from the outside in: an inner one has the last word.
    for (const { startOffset, endOffset, count } of ranges) {
      ran.fill(count > 0 ? 1 : 0, startOffset, endOffset)
    }
    const known = this.#covered.get(url) ?? new Uint8Array(0)
    if (!hasMore(ran, known)) return undefined
    const covered = new Uint8Array(Math.max(length, known.length))
    covered.set(known)
    for (let at = 0; at < length; at++) covered[at] |= ran[at]
    return covered
  }
}

function hasMore(ran: Uint8Array, known: Uint8Array): boolean {
  for (let at = 0; at < ran.length; at++) {
    if (ran[at] === 1 && known[at] !== 1) return true
  }
  return false
}
