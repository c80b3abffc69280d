import { describe, expect, it } from 'vitest'
import { DEFAULT_LIMITS, type LimitOptions, resolveLimits } from '../../src/websocket/limits.ts'

const BYTES = 'a number of bytes above 0'
const TIME = 'a time in milliseconds, 0 for none'

describe('limits', () => {
  it('have a safe default for everything', () => {
    expect(resolveLimits()).toEqual({
      maxPayload: 1024 * 1024,
      maxFragments: 131_072,
      messageTimeout: 30_000,
      messageRate: Number.POSITIVE_INFINITY,
      pingInterval: 30_000,
      pongTimeout: 10_000,
      idleTimeout: 0,
      maxBackpressure: 16 * 1024 * 1024,
      backpressurePolicy: 'close',
      closeTimeout: 10_000,
    })
  })

  it('are those of the options, and of the defaults where the options say nothing', () => {
    const defaults = resolveLimits({ maxPayload: 10, idleTimeout: 20 })
    const limits = resolveLimits({ maxPayload: 30, idleTimeout: undefined }, defaults)
    expect(limits).toEqual({ ...DEFAULT_LIMITS, maxPayload: 30, idleTimeout: 20 })
  })

  it('cannot be changed afterwards, nor by their options', () => {
    const options: LimitOptions = { maxPayload: 10 }
    const limits = resolveLimits(options)
    options.maxPayload = 20
    expect(limits.maxPayload).toBe(10)
    expect(Object.isFrozen(limits)).toBe(true)
  })

  it('may be none at all', () => {
    const none = Number.POSITIVE_INFINITY
    const options = { maxPayload: none, maxFragments: none, messageRate: none, maxBackpressure: none }
    expect(resolveLimits({ ...options, pingInterval: none, closeTimeout: 0 })).toMatchObject(options)
  })

  it.each([
    ['maxPayload', 0, BYTES],
    ['maxPayload', -1, BYTES],
    ['maxPayload', 1.5, BYTES],
    ['maxPayload', '1024', BYTES],
    ['maxPayload', Number.NaN, BYTES],
    ['maxFragments', 0, 'a number of frames above 0'],
    ['messageRate', 0, 'a number of messages per second above 0'],
    ['maxBackpressure', null, BYTES],
    ['messageTimeout', -1, TIME],
    ['pingInterval', '30s', TIME],
    ['pongTimeout', Number.NaN, TIME],
    ['idleTimeout', true, TIME],
    ['closeTimeout', null, TIME],
    ['backpressurePolicy', 'wait', "'close' or 'drop'"],
  ])('refuse %s %s, and say what it takes', (name, value, expected) => {
    const resolve = () => resolveLimits({ [name]: value })
    expect(resolve).toThrow(new TypeError(`Option ${name} must be ${expected}, not ${value}`))
  })

  it.each(['origin', 'toString', 'constructor', '__proto__'])('leave the option %s to others', (name) => {
    const options = Object.defineProperty({}, name, { enumerable: true, value: -1 })
    expect(resolveLimits(options)).toEqual(DEFAULT_LIMITS)
  })
})
