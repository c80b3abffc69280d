import { describe, expect, it } from 'vitest'
import { pageModule } from './page-module.ts'

type Reading = [at: number, value: number]
interface Place {
  x(at: number): number
  y(value: number): number
}

const { groupsOf, linePath, areaPath } = await pageModule<{
  groupsOf(readings: Reading[]): Reading[][]
  linePath(group: Reading[], place: Place): string
  areaPath(group: Reading[], place: Place, bottom: number): string
}>('line.js')

const place: Place = { x: (at) => at / 3, y: (value) => 100 - value }

describe('a line', () => {
  it('goes from reading to reading, to a tenth of a pixel', () => {
    expect(
      linePath(
        [
          [0, 10],
          [10, 20],
          [30, 15.25],
        ],
        place,
      ),
    ).toBe('M0 90L3.3 80L10 84.8')
  })

  it('has an area below', () => {
    expect(
      areaPath(
        [
          [0, 10],
          [30, 20],
        ],
        place,
        100,
      ),
    ).toBe('M0 90L10 80L10 100L0 100Z')
  })

  it('is not drawn over a time without measurements', () => {
    const readings: Reading[] = [
      [0, 1],
      [5000, 2],
      [10_001, 3],
      [10_500, 4],
    ]
    expect(groupsOf(readings)).toEqual([readings.slice(0, 2), readings.slice(2)])
    expect(groupsOf([])).toEqual([])
  })
})
