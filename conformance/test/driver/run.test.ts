import { describe, expect, it } from 'vitest'
import type { Endpoint, Opened } from '../../driver/endpoint.ts'
import { casesFor, runCase, runCases } from '../../driver/run.ts'
import { Violation } from '../../driver/violation.ts'
import type { Case } from '../../vocabulary/case.ts'
import { refuses } from '../../vocabulary/outcome.ts'

const testCase = (id: string, more: Partial<Case> = {}): Case => ({
  id,
  sentence: 'refuses',
  steps: [],
  strict: [refuses(400)],
  ...more,
})

const endpoint = (open: () => Promise<Opened>): Endpoint => ({ role: 'server', open })
const refused: Opened = { kind: 'refused', status: 400 }

describe('the cases for an endpoint', () => {
  it('are those that both have and those of its role', () => {
    const cases = [testCase('1'), testCase('2', { roles: ['server'] }), testCase('3', { roles: ['client'] })]
    expect(casesFor('server', cases).map(({ id }) => id)).toEqual(['1', '2'])
    expect(casesFor('client', cases).map(({ id }) => id)).toEqual(['1', '3'])
  })
})

describe('playing cases', () => {
  it('has eight connections at once and keeps their order', async () => {
    let open = 0
    let most = 0
    const ids = Array.from({ length: 20 }, (_, index) => String(20 - index))
    const verdicts = await runCases(
      ids.map((id) => testCase(id)),
      endpoint(async () => {
        most = Math.max(most, ++open)
        await new Promise(setImmediate)
        open--
        return refused
      }),
    )
    expect(most).toBe(8)
    expect([...verdicts.keys()]).toEqual(ids)
    expect(new Set([...verdicts.values()].map(({ kind }) => kind))).toEqual(new Set(['strict']))
  })

  it('judges a refusal by its status', async () => {
    const verdict = await runCase(
      testCase('1'),
      endpoint(async () => ({ ...refused, status: 404 })),
    )
    expect(verdict).toEqual({
      kind: 'failed',
      difference: 'expected status 400, close 1006; got status 404, close 1006',
    })
  })

  it('has nothing to judge where the endpoint declines', async () => {
    const declined = endpoint(async () => ({ kind: 'declined', needs: 'compression' }))
    expect(await runCase(testCase('1'), declined)).toEqual({ kind: 'unimplemented', needs: 'compression' })
  })

  it('takes a rule that is broken in the handshake for a failure, and nothing else', async () => {
    const breaking = (error: Error) =>
      runCase(
        testCase('1'),
        endpoint(() => Promise.reject(error)),
      )
    expect(await breaking(new Violation('sent nonsense'))).toEqual({
      kind: 'failed',
      difference: 'sent nonsense',
    })
    await expect(breaking(new TypeError('ours'))).rejects.toThrow('ours')
  })
})
