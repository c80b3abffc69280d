import { describe, expect, it } from 'vitest'
import { pageModule } from './page-module.ts'

type Reading = [at: number, value: number]

const { Readings } = await pageModule<{
  Readings: new (
    list?: Reading[],
  ) => {
    add(reading: Reading): void
    latest: Reading
    until(now: number): Reading[]
    summaryAt(now: number): { lowest: number; average: number; highest: number }
  }
}>('readings.js')

describe('Readings', () => {
  it('give those of the last minute, and the one that the line comes from', () => {
    const readings = new Readings([
      [0, 1],
      [1000, 2],
      [30_000, 3],
      [61_500, 4],
    ])
    expect(readings.until(61_500)).toEqual([
      [1000, 2],
      [30_000, 3],
      [61_500, 4],
    ])
    expect(readings.latest).toEqual([61_500, 4])
  })

  it('forget what no chart will show', () => {
    const readings = new Readings()
    for (let at = 0; at <= 100_000; at += 1000) readings.add([at, at])
    expect(readings.until(0)).toHaveLength(62)
  })

  it('are summed up as of a time', () => {
    const readings = new Readings([
      [0, 100],
      [30_000, 1],
      [40_000, 2],
      [50_000, 6],
    ])
    expect(readings.summaryAt(60_001)).toEqual({ lowest: 1, average: 3, highest: 6 })
  })

  it('of a silent device are summed up by the latest', () => {
    expect(
      new Readings([
        [0, 1],
        [10, 2],
      ]).summaryAt(100_000),
    ).toEqual({ lowest: 2, average: 2, highest: 2 })
  })
})
