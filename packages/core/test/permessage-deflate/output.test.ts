import { describe, expect, it } from 'vitest'
import { collect, Output } from '../../src/permessage-deflate/output.ts'
import { brokenRule } from '../support/broken-rule.ts'

describe('an output', () => {
  it('passes on what it is given, as long as there is room', () => {
    const parts: Buffer[] = []
    const output = new Output(5, (part) => parts.push(part))
    const [first, second] = [Buffer.from('abc'), Buffer.from('de')]
    output.add(first)
    expect(output.room).toBe(2)
    output.add(second)
    expect(output.room).toBe(0)
    expect(parts[0]).toBe(first)
    expect(parts[1]).toBe(second)
  })

  it('refuses the part that goes beyond its room with 1009, and passes none of it on', () => {
    const parts: Buffer[] = []
    const output = new Output(5, (part) => parts.push(part))
    output.add(Buffer.alloc(4))
    expect(brokenRule(() => output.add(Buffer.alloc(2)))).toBe('WS_ERR_UNSUPPORTED_MESSAGE_LENGTH')
    expect(parts).toHaveLength(1)
  })

  it('has room without end where it is told so', () => {
    const output = new Output(Number.POSITIVE_INFINITY, () => {})
    output.add(Buffer.alloc(1000))
    expect(output.room).toBe(Number.POSITIVE_INFINITY)
  })

  it('counts 1,024 final blocks in one message, and refuses another with 1008', () => {
    const output = new Output(0, () => {})
    const count = (times: number) => {
      for (let index = 0; index < times; index++) output.countFinalBlock()
    }
    expect(brokenRule(() => count(1024))).toBeUndefined()
    expect(brokenRule(() => count(1))).toBe('UPWIRE_TOO_MANY_FINAL_BLOCKS')
  })
})

describe('collect', () => {
  it('joins the parts', () => {
    const collected = collect(10, (output) => {
      output.add(Buffer.from('Hel'))
      output.add(Buffer.from('lo'))
    })
    expect(collected).toEqual(Buffer.from('Hello'))
  })

  it('does not copy a single part', () => {
    const part = Buffer.from('Hello')
    expect(collect(10, (output) => output.add(part))).toBe(part)
  })

  it('gives nothing for nothing', () => {
    expect(collect(10, () => {})).toEqual(Buffer.alloc(0))
  })
})
