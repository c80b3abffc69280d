const price = new Intl.NumberFormat('en', { style: 'currency', currency: 'EUR', maximumFractionDigits: 0 })

/** Whole euros: €1,250. */
export function formatPrice(amount) {
  return price.format(amount)
}

/** Seconds as a clock shows them: 0:59, 29:00, 1:59:00. */
export function formatSeconds(seconds) {
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
  const shown = parts[0] > 0 ? parts : parts.slice(1)
  return shown.map((part, index) => (index > 0 ? String(part).padStart(2, '0') : part)).join(':')
}
