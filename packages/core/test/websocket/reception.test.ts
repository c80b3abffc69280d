import { describe, expect, it } from 'vitest'
import { DEFAULT_RECEPTION, type ReceptionOptions, resolveReception } from '../../src/websocket/reception.ts'

describe('the reception of a connection', () => {
  it('answers Pings, checks text and limits nothing that costs nothing, by default', () => {
    expect(resolveReception()).toEqual({
      autoPong: true,
      allowSynchronousEvents: true,
      skipUTF8Validation: false,
      maxBufferedChunks: 0,
      maxPendingAutoPongs: 0,
      unheard: 'hold',
    })
  })

  it('is what the options say, whatever else stands among them', () => {
    const options = { autoPong: false, maxBufferedChunks: undefined, maxPendingAutoPongs: 60, port: 80 }
    const reception = resolveReception(options)
    expect(reception).toEqual({ ...DEFAULT_RECEPTION, autoPong: false, maxPendingAutoPongs: 60 })
  })

  it('cannot be changed afterwards', () => {
    expect(Object.isFrozen(resolveReception({ autoPong: false }))).toBe(true)
    expect(Object.isFrozen(DEFAULT_RECEPTION)).toBe(true)
  })

  it.each([
    ['autoPong', 1, 'true or false'],
    ['allowSynchronousEvents', 'no', 'true or false'],
    ['skipUTF8Validation', null, 'true or false'],
    ['maxBufferedChunks', -1, 'a number of chunks, 0 for no limit'],
    ['unheard', 'lose', "'hold' or 'drop'"],
    ['maxPendingAutoPongs', 1.5, 'a number of Pings, 0 for no limit'],
  ])('is refused with %s %s, and says what it takes', (name, value, expected) => {
    const resolve = () => resolveReception({ [name]: value } as ReceptionOptions)
    expect(resolve).toThrow(new TypeError(`Option ${name} must be ${expected}, not ${value}`))
  })
})
