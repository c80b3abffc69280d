import type { Line } from './cases/case.ts'
import type { Measurement } from './measure.ts'
import { median, type Spread, spread } from './statistics.ts'

/** The measurements of one run, asked by line and server. */
export class Results {
  readonly lines: readonly Line[]
  readonly #measurements: readonly Measurement[]

  constructor(measurements: readonly Measurement[]) {
    this.#measurements = measurements
    const lines = new Map(measurements.map(({ line }) => [line.name, line]))
    this.lines = [...lines.values()]
  }

  has(line: string, server: string): boolean {
    return this.#of(line, server).length > 0
  }

  /** The median of the rounds, in the line's unit. */
  cost(line: string, server: string): number {
    return median(this.#of(line, server).map(({ cost }) => cost))
  }

  /** The median of the rounds; nothing for a line that counts no work. */
  perSecond(line: string, server: string): number | undefined {
    const rates = this.#of(line, server).flatMap(({ perSecond }) => perSecond ?? [])
    return rates.length > 0 ? median(rates) : undefined
  }

  /**
   * How many times the cost of another server, each round against the same round of the other; nothing when either
   * was not measured.
   */
  ratio(line: string, server: string, of: string): Spread | undefined {
    const others = new Map(this.#of(line, of).map(({ round, cost }) => [round, cost]))
    const ratios = this.#of(line, server).flatMap(({ round, cost }) => {
      const other = others.get(round)
      return other === undefined ? [] : cost / other
    })
    return ratios.length > 0 ? spread(ratios) : undefined
  }

  #of(line: string, server: string): Measurement[] {
    return this.#measurements.filter((each) => each.line.name === line && each.server === server)
  }
}
