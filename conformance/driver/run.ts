import type { Case } from '../vocabulary/case.ts'
import type { Endpoint } from './endpoint.ts'
import { judge, type Verdict } from './judge.ts'
import { play } from './play.ts'
import { Violation } from './violation.ts'

/** Connections at once. */
const PARALLEL = 8

/** The cases that the endpoint's role has part in. */
export function casesFor(role: Endpoint['role'], cases: readonly Case[]): Case[] {
  return cases.filter(({ roles }) => !roles || roles.includes(role))
}

/** Plays the cases, some at a time, and returns the verdicts in their order. */
export async function runCases(cases: readonly Case[], endpoint: Endpoint): Promise<Map<string, Verdict>> {
  const verdicts = new Map<string, Verdict>(cases.map(({ id }) => [id, NOT_PLAYED]))
  const queue = cases.values()
  const work = async () => {
    for (const test of queue) verdicts.set(test.id, await runCase(test, endpoint))
  }
  await Promise.all(Array.from({ length: PARALLEL }, work))
  return verdicts
}

const NOT_PLAYED: Verdict = { kind: 'failed', difference: 'not played' }

/** Plays one case on a connection of its own. */
export async function runCase(test: Case, endpoint: Endpoint): Promise<Verdict> {
  try {
    const opened = await endpoint.open(test)
    if (opened.kind === 'declined') return { kind: 'unimplemented', needs: opened.needs }
    if (opened.kind === 'refused') {
      return judge(test, { events: [{ kind: 'refusal', statuses: [opened.status] }], closeCode: 1006 })
    }
    const { peer } = opened
    await play(test.steps, peer)
    const expected = test.strict[0]?.events.length ?? 0
    await peer.until(() => peer.events.length >= expected || peer.hasEnded)
    await peer.finish()
    return judge(test, peer)
  } catch (error) {
    if (error instanceof Violation) return { kind: 'failed', difference: error.message }
    throw error
  }
}
