/** More edits than these make another word, not a slip of the hand. */
const MAX_EDITS = 2

/**
 * The known name that `name` was probably meant to be, for "did you mean": the same but for case or a leading `on`, or
 * at most two letters off. `undefined` when nothing is near.
 */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  const meant = fold(name)
  const near = known
    .map((candidate) => ({ candidate, edits: editsBetween(meant, fold(candidate)) }))
    .filter(({ candidate, edits }) => edits <= MAX_EDITS && edits <= candidate.length / 2)
  return near.sort((a, b) => a.edits - b.edits)[0]?.candidate
}

/** `; did you mean message?`, or the list of what there is. */
export function suggestion(name: string, known: readonly string[]): string {
  const nearest = nearestName(name, known)
  return nearest === undefined ? `; there are ${known.join(', ')}` : `; did you mean ${nearest}?`
}

function fold(name: string): string {
  return name.replace(/^on(?=[A-Z])/, '').toLowerCase()
}

/** Levenshtein's distance: how many letters are put in, left out or replaced between the two. */
function editsBetween(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (const [line, letter] of [...from].entries()) {
    const next = [line + 1]
    for (let column = 1; column <= to.length; column++) {
      const replaced = row[column - 1] + (letter === to[column - 1] ? 0 : 1)
      next.push(Math.min(replaced, row[column] + 1, next[column - 1] + 1))
    }
    row = next
  }
  return row[to.length]
}
