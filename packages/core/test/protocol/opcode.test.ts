import { describe, expect, it } from 'vitest'
import { CONTROL_BIT, Opcode } from '../../src/protocol/opcode.ts'

describe('opcodes', () => {
  it('are the six of RFC 6455 §11.8', () => {
    expect(Opcode).toEqual({ Continuation: 0, Text: 1, Binary: 2, Close: 8, Ping: 9, Pong: 10 })
  })

  it('are told apart as data and control by one bit', () => {
    const control = Object.values(Opcode).filter((opcode) => opcode & CONTROL_BIT)
    expect(control).toEqual([Opcode.Close, Opcode.Ping, Opcode.Pong])
  })
})
