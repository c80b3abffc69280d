import { describe, expect, it } from 'vitest'
import { minimise } from '../../fuzz/minimise.ts'

describe('shortening an input', () => {
  it('takes out all that is not needed, wherever it is, and sets the rest to zero', async () => {
    const input = Buffer.from(Array.from({ length: 300 }, (_, index) => index % 251))
    const fails = async (bytes: Buffer) => bytes.includes(17) && bytes.includes(170) && bytes.length >= 4
    const shortest = await minimise(input, fails)
    expect(shortest).toHaveLength(4)
    expect([...shortest].sort((a, b) => a - b)).toEqual([0, 0, 17, 170])
  })

  it('leaves an input that is as short as can be, and the original as it was', async () => {
    const input = Buffer.of(1, 2, 3)
    expect(await minimise(input, async (bytes) => bytes.equals(Buffer.of(1, 2, 3)))).toEqual(input)
    expect(input).toEqual(Buffer.of(1, 2, 3))
  })

  it('comes to nothing where nothing is needed', async () => {
    expect(await minimise(Buffer.alloc(40, 1), async () => true)).toEqual(Buffer.alloc(0))
  })
})
