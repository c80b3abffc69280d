/** A line is not drawn over a time without measurements, in milliseconds. */
const LONGEST_GAP = 5000

/** Readings that belong together, each group one line. */
export function groupsOf(readings) {
  const groups = []
  for (const reading of readings) {
    const group = groups.at(-1)
    if (group === undefined || reading[0] - group.at(-1)[0] > LONGEST_GAP) groups.push([reading])
    else group.push(reading)
  }
  return groups
}

/** The path through the readings of a group. */
export function linePath(group, { x, y }) {
  return group
    .map(([at, value], index) => `${index === 0 ? 'M' : 'L'}${near(x(at))} ${near(y(value))}`)
    .join('')
}

/** The path around what lies between a group's line and `bottom`. */
export function areaPath(group, place, bottom) {
  const first = near(place.x(group[0][0]))
  const last = near(place.x(group.at(-1)[0]))
  return `${linePath(group, place)}L${last} ${bottom}L${first} ${bottom}Z`
}

/** A tenth of a pixel is as near as anybody sees. */
function near(length) {
  return Math.round(length * 10) / 10
}
