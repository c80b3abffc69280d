import { describe, expect, it } from 'vitest'
import { Reading } from '../../src/websocket/reading.ts'

describe('the states of reading', () => {
  it('are told from each other', () => {
    const states = Object.values(Reading)
    expect(new Set(states).size).toBe(states.length)
  })
})
