import { STATUS_CODES } from 'node:http'
import { describe, expect, it } from 'vitest'
import { reasonPhrase } from '../../src/handshake/reason-phrase.ts'

/** Known to Node, but not registered. */
const UNREGISTERED = [509]

describe('reasonPhrase', () => {
  it.each([
    [200, 'OK'],
    [401, 'Unauthorized'],
    [426, 'Upgrade Required'],
    [503, 'Service Unavailable'],
  ])('calls %i %s', (status, phrase) => {
    expect(reasonPhrase(status)).toBe(phrase)
  })

  it('knows each status from 200 on that Node knows', () => {
    const known = Object.keys(STATUS_CODES).map(Number)
    const missing = known.filter((status) => status >= 200 && reasonPhrase(status) === '')
    expect(missing).toEqual(UNREGISTERED)
  })

  it.each([299, 499, 599])('leaves %i without a phrase', (status) => {
    expect(reasonPhrase(status)).toBe('')
  })
})
