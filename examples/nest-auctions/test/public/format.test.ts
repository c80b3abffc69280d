import { describe, expect, it } from 'vitest'
import { pageModule } from './page-module.ts'

interface FormatModule {
  formatPrice(amount: number): string
  formatSeconds(seconds: number): string
}

const { formatPrice, formatSeconds } = await pageModule<FormatModule>('format.js')

describe('formatPrice', () => {
  it('writes whole euros', () => {
    expect([1, 1250, 1_000_000].map(formatPrice)).toEqual(['€1', '€1,250', '€1,000,000'])
  })
})

describe('formatSeconds', () => {
  it.each([
    [0, '0:00'],
    [59, '0:59'],
    [60, '1:00'],
    [1800, '30:00'],
    [3599, '59:59'],
    [3600, '1:00:00'],
    [7265, '2:01:05'],
  ])('shows %i as %s', (seconds, shown) => {
    expect(formatSeconds(seconds)).toBe(shown)
  })
})
