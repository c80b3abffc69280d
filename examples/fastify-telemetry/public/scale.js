/** Steps that people count in. */
const ROUND = [1, 2, 5, 10]

/**
 * The part of an axis that holds all `values`, from one round number to another. A quiet device is not drawn as a wild
 * one: a scale spans at least a hundredth of the greatest value.
 */
export function scaleOf(values, steps = 4) {
  const lowest = Math.min(...values)
  const highest = Math.max(...values)
  const least = Math.max(Math.abs(lowest), Math.abs(highest)) / 100 || 1
  const missing = Math.max(0, least - (highest - lowest)) / 2
  const step = roundStep((highest - lowest + 2 * missing) / steps)
  return {
    low: Math.floor((lowest - missing) / step) * step,
    high: Math.ceil((highest + missing) / step) * step,
    step,
  }
}

/** The round numbers of a scale, the lowest first. */
export function ticksOf({ low, high, step }) {
  const count = Math.round((high - low) / step)
  return Array.from({ length: count + 1 }, (_, index) => tidy(low + index * step, step))
}

/** As many decimals as tell neighbours apart. */
export function decimalsOf(step) {
  return Math.max(0, -Math.floor(Math.log10(step) + 1e-9))
}

function roundStep(least) {
  const power = 10 ** Math.floor(Math.log10(least))
  return ROUND.find((round) => round * power >= least) * power
}

/** Without what adding fractions leaves behind, such as 0.30000000000000004. */
function tidy(value, step) {
  return Number(value.toFixed(decimalsOf(step)))
}
