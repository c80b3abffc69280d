/** How much time a chart shows, in milliseconds. */
export const WINDOW = 60_000

/** What a device has measured in the time that a chart shows, the oldest first. */
export class Readings {
  #list

  constructor(list = []) {
    this.#list = [...list]
  }

  add(reading) {
    this.#list.push(reading)
    const oldest = reading[0] - WINDOW
    // The last one outside stays: the line comes from there.
    while (this.#list.length > 1 && this.#list[1][0] < oldest) this.#list.shift()
  }

  get latest() {
    return this.#list.at(-1)
  }

  /** Those that a chart shows at a time. */
  until(now) {
    const first = this.#list.findLastIndex(([at]) => at < now - WINDOW)
    return this.#list.slice(Math.max(0, first))
  }

  /** The lowest, average and highest value at a time; of a device that is silent, of the latest. */
  summaryAt(now) {
    const shown = this.#list.filter(([at]) => at >= now - WINDOW)
    const values = (shown.length > 0 ? shown : this.#list.slice(-1)).map(([, value]) => value)
    const sum = values.reduce((total, value) => total + value, 0)
    return { lowest: Math.min(...values), average: sum / values.length, highest: Math.max(...values) }
  }
}
