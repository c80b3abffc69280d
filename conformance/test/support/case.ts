import { sections } from '../../cases/sections.ts'
import type { Case } from '../../vocabulary/case.ts'

export function caseOf(id: string): Case {
  const found = sections.flatMap(({ cases }) => cases).find((each) => each.id === id)
  if (!found) throw new Error(`There is no case ${id}`)
  return found
}
