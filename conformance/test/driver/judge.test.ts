import { describe, expect, it } from 'vitest'
import { judge } from '../../driver/judge.ts'
import type { Case } from '../../vocabulary/case.ts'
import { type Event, echoes, echoOfText, pongWith, silence } from '../../vocabulary/outcome.ts'

const test: Case = {
  id: '0.1',
  sentence: 'echoes',
  steps: [],
  strict: [
    { events: [echoOfText('a')], closeCodes: [1000] },
    { events: [], closeCodes: [1001, 1002] },
  ],
  nonStrict: [{ meaning: 'drops', events: [silence], closeCodes: [1006] }],
}

describe('a verdict', () => {
  it.each<[Event[], number]>([
    [[echoOfText('a')], 1000],
    [[], 1001],
    [[], 1002],
  ])('is strict for any strict outcome: %j %i', (events, closeCode) => {
    expect(judge(test, { events, closeCode })).toEqual({ kind: 'strict' })
  })

  it('is non-strict for an alternative, and says what that means', () => {
    expect(judge(test, { events: [silence], closeCode: 1006 })).toEqual({
      kind: 'non-strict',
      meaning: 'drops',
    })
  })

  it.each<[string, Event[], number]>([
    ['another close code', [echoOfText('a')], 1001],
    ['an event too many', [echoOfText('a'), pongWith('')], 1000],
    ['an event too few', [], 1000],
    ['another event', [echoOfText('b')], 1000],
  ])('is failed for %s', (_, events, closeCode) => {
    expect(judge(test, { events, closeCode }).kind).toBe('failed')
  })

  it('says what was expected and what was seen', () => {
    const events: Event[] = [
      { kind: 'message', type: 'binary', payload: Buffer.alloc(20, 1) },
      pongWith(''),
      echoes(3),
      silence,
      { kind: 'refusal', statuses: [400] },
      { kind: 'violation', rule: 'sent nonsense' },
    ]
    expect(judge(test, { events, closeCode: 1006 })).toEqual({
      kind: 'failed',
      difference:
        'expected text of 1 bytes 61, close 1000, or close 1001 or 1002; ' +
        'got binary of 20 bytes beginning with 01010101010101010101010101010101, pong of 0 bytes, 3 echoes, silence, ' +
        'status 400, a violation: sent nonsense, close 1006',
    })
  })
})
