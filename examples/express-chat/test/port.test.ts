import { describe, expect, it } from 'vitest'
import { parsePort } from '../src/port.ts'

describe('the port', () => {
  it.each([
    [undefined, 3000],
    ['0', 0],
    ['8080', 8080],
    ['65535', 65535],
  ])('that %j names is %i', (setting, port) => {
    expect(parsePort(setting)).toBe(port)
  })

  it.each(['http', '65536', '-1', '80.5', ' '])('is not told by %j', (setting) => {
    expect(parsePort(setting)).toBeUndefined()
  })
})
