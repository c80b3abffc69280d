import { describe, expect, it } from 'vitest'
import { median, spread } from '../statistics.ts'

describe('median', () => {
  it('is the middle value, whatever the order', () => {
    expect(median([9, 1, 5])).toBe(5)
  })

  it('is the mean of the two middle values of an even number', () => {
    expect(median([8, 1, 4, 2])).toBe(3)
  })

  it('orders by number and not by digits', () => {
    expect(median([10, 9, 100])).toBe(10)
  })

  it('leaves the values as they were', () => {
    const values = [3, 1, 2]
    median(values)
    expect(values).toEqual([3, 1, 2])
  })

  it('refuses no values', () => {
    expect(() => median([])).toThrow('measure at least once')
  })
})

describe('spread', () => {
  it('holds the median between the lowest and the highest', () => {
    expect(spread([2, 7, 3])).toEqual({ median: 3, lowest: 2, highest: 7 })
  })
})
