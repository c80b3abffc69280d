/**
 * The bytes that unfinished messages of many connections may hold together. One budget is shared by every connection
 * of a router, so that many peers that each stay under their own limit cannot exhaust the process.
 */
export class MemoryBudget {
  readonly maxBytes: number
  #usedBytes = 0

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes
  }

  get usedBytes(): number {
    return this.#usedBytes
  }

  /** Takes `bytes` from the budget, or returns false and takes none. */
  take(bytes: number): boolean {
    if (this.#usedBytes + bytes > this.maxBytes) return false
    this.#usedBytes += bytes
    return true
  }

  giveBack(bytes: number): void {
    this.#usedBytes -= bytes
  }
}
