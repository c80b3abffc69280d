import { describe, expect, it } from 'vitest'
import { cutAnywhere, mutate, splice, stretch } from '../../fuzz/mutations.ts'
import { Choices } from '../support/random-source.ts'

const ORIGINAL = Buffer.from('0123456789'.repeat(20))

describe('changing an input', () => {
  it('changes a copy, and the same way for the same seed', () => {
    const changed = Array.from({ length: 200 }, (_, seed) =>
      mutate(ORIGINAL, new Choices(seed)).toString('hex'),
    )
    const again = Array.from({ length: 200 }, (_, seed) =>
      mutate(ORIGINAL, new Choices(seed)).toString('hex'),
    )
    expect(again).toEqual(changed)
    expect(new Set(changed).size).toBeGreaterThan(150)
    expect(ORIGINAL.toString()).toBe('0123456789'.repeat(20))
  })

  it('has nothing to change in an empty one', () => {
    expect(mutate(Buffer.alloc(0), new Choices(1))).toHaveLength(0)
    expect(stretch(Buffer.alloc(0), 100, new Choices(1))).toHaveLength(0)
  })

  it('joins the start of one and the end of another', () => {
    const joined = splice(Buffer.alloc(20, 'a'), Buffer.alloc(20, 'b'), new Choices(3)).toString()
    expect(joined).toMatch(/^a*b*$/)
  })

  it('makes a long one of parts that repeat', () => {
    const long = stretch(ORIGINAL, 5000, new Choices(1))
    expect(long).toHaveLength(5000)
  })

  it('cuts a copy into chunks that are the whole, into some thousands at most', () => {
    for (let seed = 0; seed < 20; seed++) {
      const chunks = cutAnywhere(ORIGINAL, new Choices(seed))
      expect(Buffer.concat(chunks).equals(ORIGINAL)).toBe(true)
      expect(cutAnywhere(Buffer.alloc(2 ** 16), new Choices(seed)).length).toBeLessThan(8000)
    }
  })
})
