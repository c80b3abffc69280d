/** A value as a dashboard shows it: three digits or so. */
export function formatValue(value) {
  const size = Math.abs(value)
  return formatNumber(value, size >= 100 ? 0 : size >= 10 ? 1 : 2)
}

/** Minus zero is zero, and a minus is a minus, not a dash. */
export function formatNumber(value, decimals) {
  const format = new Intl.NumberFormat('en', {
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
    signDisplay: 'negative',
  })
  return format.format(value).replace('-', '−')
}
