import { expect, it } from 'vitest'
import { pageModule } from './page-module.ts'

const { formatValue, formatNumber } = await pageModule<{
  formatValue(value: number): string
  formatNumber(value: number, decimals: number): string
}>('numbers.js')

it.each([
  [2693.4, '2,693'],
  [102.5, '103'],
  [25.64, '25.6'],
  [4.567, '4.57'],
  [0, '0.00'],
  [-17.94, '−17.9'],
  [-0.001, '0.00'],
])('%d is shown as %s', (value, shown) => {
  expect(formatValue(value)).toBe(shown)
})

it('as many decimals are shown as are asked for', () => {
  expect([formatNumber(26, 0), formatNumber(-18.5, 1)]).toEqual(['26', '−18.5'])
})
