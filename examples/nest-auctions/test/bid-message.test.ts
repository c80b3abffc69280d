import { describe, expect, it } from 'vitest'
import { BidMessage } from '../src/bid-message.ts'
import { validated } from '../src/validated.ts'

const pipe = validated(BidMessage)
const body = { type: 'body' } as const

describe('BidMessage', () => {
  it.each([1, 120, 1_000_000])('takes %i', async (amount) => {
    expect(await pipe.transform({ amount }, body)).toEqual({ amount })
  })

  it.each([
    [0, 'A bid is more than nothing.'],
    [-5, 'A bid is more than nothing.'],
    [12.5, 'A bid is a whole number of euros.'],
    ['120', 'A bid is a whole number of euros.'],
    [null, 'A bid is a whole number of euros.'],
    [[120], 'A bid is a whole number of euros.'],
    [undefined, 'A bid is a whole number of euros.'],
    [1_000_001, 'That is more than this house has ever seen. Bid one million euros at most.'],
    [1e308, 'That is more than this house has ever seen. Bid one million euros at most.'],
  ])('refuses %j', async (amount, message) => {
    await expect(pipe.transform({ amount }, body)).rejects.toThrow(message)
  })
})
