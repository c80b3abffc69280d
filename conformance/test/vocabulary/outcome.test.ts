import { describe, expect, it } from 'vitest'
import {
  answers,
  type Event,
  echo,
  echoes,
  echoOfText,
  fails,
  isSame,
  pongWith,
  refuses,
  silence,
} from '../../vocabulary/outcome.ts'

const violation: Event = { kind: 'violation', rule: 'any' }
const refusal = (...statuses: number[]): Event => ({ kind: 'refusal', statuses })

describe('an expected event', () => {
  it.each([
    ['an echo', echoOfText('a'), echo('text', Buffer.from('a'))],
    ['a pong', pongWith('a'), pongWith(Buffer.from('a'))],
    ['round trips', echoes(3), echoes(3)],
    ['a silence', silence, silence],
    ['a refusal with one of several statuses', refusal(400, 426), refusal(426)],
  ])('is met by the same: %s', (_, expected, observed) => {
    expect(isSame(expected, observed)).toBe(true)
  })

  it.each([
    ['an echo with another content', echoOfText('a'), echoOfText('b')],
    ['an echo of another type', echoOfText('a'), echo('binary', 'a')],
    ['a pong with another payload', pongWith('a'), pongWith('b')],
    ['a pong for an echo', echoOfText('a'), pongWith('a')],
    ['fewer round trips', echoes(3), echoes(2)],
    ['another status', refusal(400), refusal(404)],
    ['something for a silence', silence, pongWith('')],
    ['a violation, whatever was expected', violation, violation],
  ])('is not met by %s', (_, expected, observed) => {
    expect(isSame(expected, observed)).toBe(false)
  })
})

describe('what is expected', () => {
  it('of an endpoint that answers ends with the close code of the driver', () => {
    expect(answers(pongWith('a'))).toEqual({ strict: [{ events: [pongWith('a')], closeCodes: [1000] }] })
  })

  it('of one that fails the connection is its code, and at worst no Close frame', () => {
    const { strict, nonStrict } = fails(1002)
    expect(strict).toEqual([{ events: [], closeCodes: [1002] }])
    expect(nonStrict).toMatchObject([{ events: [], closeCodes: [1006] }])
  })

  it('of one that fails after an answer allows it to leave the answer out, as not strict', () => {
    const { nonStrict } = fails([1002, 1007], echoOfText('a'))
    expect(nonStrict).toMatchObject([
      { events: [echoOfText('a')], closeCodes: [1006] },
      { events: [], closeCodes: [1002, 1007, 1006] },
    ])
  })

  it('of a server that refuses the handshake is its status', () => {
    expect(refuses(400, 426)).toEqual({ events: [refusal(400, 426)], closeCodes: [1006] })
  })
})
