import { describe, expect, it } from 'vitest'
import { pageModule } from './page-module.ts'

interface Scale {
  low: number
  high: number
  step: number
}

const { scaleOf, ticksOf, decimalsOf } = await pageModule<{
  scaleOf(values: number[]): Scale
  ticksOf(scale: Scale): number[]
  decimalsOf(step: number): number
}>('scale.js')

describe('a scale', () => {
  it.each([
    [
      [22.4, 26.3],
      [22, 23, 24, 25, 26, 27],
    ],
    [
      [-18.7, -17.2],
      [-19, -18.5, -18, -17.5, -17],
    ],
    [
      [2458, 3660],
      [2000, 2500, 3000, 3500, 4000],
    ],
    [
      [0, 0.31],
      [0, 0.1, 0.2, 0.3, 0.4],
    ],
  ])('of %j has round numbers around it', (values, ticks) => {
    expect(ticksOf(scaleOf(values))).toEqual(ticks)
  })

  it.each([[[0]], [[21.5]], [[-3]], [[1e9, 1e9]], [[60, 60.01]]])(
    'of %j, which hardly differ, is no point',
    (values) => {
      const { low, high } = scaleOf(values)
      expect(low).toBeLessThanOrEqual(Math.min(...values))
      expect(high).toBeGreaterThanOrEqual(Math.max(...values))
      expect(high - low).toBeGreaterThanOrEqual((Math.abs(values[0]) || 1) / 100)
      expect(ticksOf(scaleOf(values)).length).toBeLessThan(8)
    },
  )

  it.each([
    [500, 0],
    [1, 0],
    [0.5, 1],
    [0.1, 1],
    [0.02, 2],
    [0.001, 3],
  ])('with a step of %d is written with %d decimals', (step, decimals) => {
    expect(decimalsOf(step)).toBe(decimals)
  })
})
