import { describe, expect, it } from 'vitest'
import { close, fragments, Opcode, octets } from '../../vocabulary/frame.ts'

describe('a message in fragments', () => {
  it('begins with its opcode, goes on with continuations, and ends with FIN', () => {
    expect(fragments('text', ['a', 'b', 'c'])).toEqual([
      { opcode: Opcode.Text, payload: 'a', fin: false },
      { opcode: Opcode.Continuation, payload: 'b', fin: false },
      { opcode: Opcode.Continuation, payload: 'c', fin: true },
    ])
  })

  it('of one fragment is a whole frame', () => {
    expect(fragments('binary', ['a'])).toEqual([{ opcode: Opcode.Binary, payload: 'a', fin: true }])
  })

  it('has reserved bits on its first frame only', () => {
    const [first, second] = fragments('text', ['a', 'b'], { rsv: 4 })
    expect([first?.rsv, second?.rsv]).toEqual([4, undefined])
  })

  it('may be one octet each', () => {
    expect(octets('text', 'µ').map(({ payload }) => payload)).toEqual([Buffer.of(0xc2), Buffer.of(0xb5)])
  })
})

describe('a Close', () => {
  it('carries a code and a reason, or nothing', () => {
    expect(close(1000, 'bye').payload).toEqual(Buffer.from('03e8627965', 'hex'))
    expect(close().payload).toEqual(Buffer.alloc(0))
  })
})
