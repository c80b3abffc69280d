import { describe, expect, it } from 'vitest'
import { nearestName, suggestion } from '../../src/routing/nearest-name.ts'

const HOOKS = ['upgrade', 'open', 'message', 'drain', 'close', 'error']

describe('nearestName', () => {
  it.each([
    ['onMessage', 'message'],
    ['Message', 'message'],
    ['mesage', 'message'],
    ['messsage', 'message'],
    ['onclose', 'close'],
    ['upgarde', 'upgrade'],
    ['opne', 'open'],
  ])('takes %s for %s', (name, meant) => {
    expect(nearestName(name, HOOKS)).toBe(meant)
  })

  it('prefers the nearest of several', () => {
    expect(nearestName('pinInterval', ['pongInterval', 'pingInterval'])).toBe('pingInterval')
  })

  it.each(['', 'connection', 'data', 'verifyClient'])('takes %j for none of them', (name) => {
    expect(nearestName(name, HOOKS)).toBeUndefined()
  })
})

describe('suggestion', () => {
  it('asks about the nearest name', () => {
    expect(suggestion('onMessage', HOOKS)).toBe('; did you mean message?')
  })

  it('lists all names when none is near', () => {
    expect(suggestion('connection', HOOKS)).toBe('; there are upgrade, open, message, drain, close, error')
  })
})
